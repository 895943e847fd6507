#include "flow/stages/generate/generate.hpp"

#include <boost/json.hpp>

#include "core/grounding/clean.hpp"
#include "flow/stages/body.hpp"
#include "flow/stages/generate/answer.hpp"
#include "flow/stages/generate/prompt.hpp"
#include "flow/stages/generate/shape.hpp"

namespace holdfast::stages {
namespace {

namespace json = boost::json;

constexpr double kTemperature = 0.2;
constexpr std::size_t kModelNameCharactersMax = 100;

Result<const Shape*> shape_of(const StageConfig& config) {
  const Shape* shape = find_shape(config.shape);
  if (shape != nullptr) return shape;
  return fail(ErrorClass::permanent, "HF-CFG-02", "no shape \"" + config.shape + "\"");
}

decide::StageOutcome without_speech(const StageConfig& config, const Shape& shape,
                                    const json::object& schema) {
  decide::StageOutcome outcome{.warnings = {"no speech"}};
  outcome.publish.push_back({.name = config.result, .json = json::serialize(shape.empty(schema))});
  return outcome;
}

/// Another attempt draws another number, or it would get the answer that could not be used once more.
unsigned seed_of(const Job& job) {
  const auto* stage = current_stage(job);
  return stage != nullptr ? stage->attempts : 0;
}

json::array numbered(const std::vector<SpokenLine>& lines) {
  json::array out;
  for (const auto& line : lines) out.emplace_back("[" + std::to_string(line.segment) + "] " + line.text);
  return out;
}

json::object request_for(const StageInput& input, const Prompt& prompt, json::object schema,
                         const std::vector<SpokenLine>& lines) {
  return {{"type", "generate"},          {"role", input.config.role},
          {"system", prompt.system},     {"before", prompt.before},
          {"lines", numbered(lines)},    {"after", prompt.after},
          {"schema", std::move(schema)}, {"tokens_max", input.config.tokens_max},
          {"temperature", kTemperature}, {"seed", seed_of(input.job)}};
}

/// How many lines the model has read. Errors: transient HF-SRV-01, permanent HF-LLM-04.
Result<std::size_t> lines_read(const json::object& told, std::size_t lines_count) {
  const auto used = body::count_or(told, "lines_used", -1);
  if (used < 0 || static_cast<std::size_t>(used) > lines_count) {
    return fail(ErrorClass::transient, "HF-SRV-01", "the language worker did not tell how much it has read");
  }
  if (used == 0)
    return fail(ErrorClass::permanent, "HF-LLM-04", "nothing of the text fits into the model's context");
  return static_cast<std::size_t>(used);
}

std::vector<std::string> limits_met(const json::object& told, std::size_t used, std::size_t lines_count) {
  std::vector<std::string> out;
  if (used < lines_count) {
    out.push_back("only the first " + std::to_string(used) + " of " + std::to_string(lines_count) +
                  " segments were read: more does not fit into the model's context");
  }
  const auto* shortened = told.if_contains("shortened");
  if (shortened != nullptr && *shortened == json::value(true)) {
    out.emplace_back("the model's answer was ended early because it grew too long");
  }
  return out;
}

std::string about(const json::object& told, std::size_t used) {
  const auto model = grounding::clean_text(body::text_or_empty(told, "model"), kModelNameCharactersMax);
  return json::serialize(json::object{{"model", model},
                                      {"lines_used", used},
                                      {"tokens_in", body::count_or(told, "tokens_in", 0)},
                                      {"tokens_out", body::count_or(told, "tokens_out", 0)}});
}

}  // namespace

Result<Plan> Generate::prepare(const StageInput& input) const {
  HF_TRY(const Shape* shape, shape_of(input.config));
  HF_TRY(auto schema, read_schema(input.config.schema));
  HF_TRY(const Prompt prompt, parse_prompt(input.config.prompt));
  const auto lines = spoken(input.segments);
  if (lines.empty()) return Plan{without_speech(input.config, *shape, schema)};
  return Plan{WorkRequest{.worker = worker(),
                          .item = input.job.id,
                          .fence = input.job.fence,
                          .role = input.config.role,
                          .body = json::serialize(request_for(input, prompt, std::move(schema), lines)),
                          .time_max = input.config.time_max,
                          .silence_max = input.config.silence_max}};
}

Result<decide::StageOutcome> Generate::conclude(const StageInput& input, const Finished& answer) const {
  HF_TRY(const Shape* shape, shape_of(input.config));
  HF_TRY(const auto schema, read_schema(input.config.schema));
  HF_TRY(const auto told, body::parse_object(answer.body, "the language worker"));
  const auto lines = spoken(input.segments);
  HF_TRY(const std::size_t used, lines_read(told, lines.size()));
  HF_TRY(const auto written, read_answer(body::text_or_empty(told, "text"), schema));
  HF_TRY(auto shaped, shape->conclude(written, schema, std::span{lines}.first(used)));

  decide::StageOutcome outcome{.output = about(told, used), .warnings = limits_met(told, used, lines.size())};
  for (auto& warning : shaped.warnings) outcome.warnings.push_back(std::move(warning));
  outcome.publish.push_back({.name = input.config.result, .json = json::serialize(shaped.result)});
  return outcome;
}

}  // namespace holdfast::stages
