#include "flow/stages/convert/convert.hpp"

#include <boost/json.hpp>

#include "flow/stages/body.hpp"
#include "flow/stages/time_budget.hpp"

namespace holdfast::stages {

namespace json = boost::json;

Result<Plan> Convert::prepare(const StageInput& input) const {
  if (input.job.input.blob.empty())
    return fail(ErrorClass::permanent, "HF-STO-03", "the item has no file to convert");
  return Plan{WorkRequest{.worker = worker(),
                          .item = input.job.id,
                          .fence = input.job.fence,
                          .body = json::serialize(json::object{{"type", "convert"}}),
                          .input = input.job.input.blob,
                          .time_max = time_budget(input.config, input.job.duration_ms),
                          .silence_max = input.config.silence_max}};
}

Result<decide::StageOutcome> Convert::conclude(const StageInput& /*input*/, const Finished& answer) const {
  HF_TRY(const auto told, body::parse_object(answer.body, "the converter"));
  const auto duration_ms = body::count_or(told, "duration_ms", -1);
  if (answer.artifact.id.empty())
    return fail(ErrorClass::transient, "HF-SRV-01", "the converter left no sound");
  if (duration_ms < 0)
    return fail(ErrorClass::transient, "HF-SRV-01", "the converter did not tell the length");
  const json::object output{{"audio", answer.artifact.id.text()},
                            {"bytes", answer.artifact.bytes},
                            {"sha256", answer.artifact.sha256},
                            {"duration_ms", duration_ms}};
  return decide::StageOutcome{.output = json::serialize(output),
                              .warnings = body::sentences(told, "warnings"),
                              .duration_ms = duration_ms};
}

}  // namespace holdfast::stages
