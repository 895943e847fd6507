#include <boost/asio/experimental/awaitable_operators.hpp>

#include "flow/fallback/strategies.hpp"
#include "flow/similar/neighbours.hpp"
#include "flow/stages/generate/shape.hpp"
#include "flow/stages/generate/sources.hpp"

namespace holdfast::fallback {
namespace {

using namespace asio::experimental::awaitable_operators;

/// What a shape makes of a transcript or of earlier results is about those: another's would be wrong.
bool reads_the_request_alone(const StageConfig& stage) {
  return stage.reads.size() == 1 && stage.reads.front() == stages::kReadsInput;
}

}  // namespace

Result<void> Similar::check(const StageConfig& stage, const FallbackStep& /*step*/) const {
  const auto* shape = stages::find_shape(stage.shape);
  const bool extracts = shape != nullptr && shape->extracts();
  if (reads_the_request_alone(stage) && !extracts && stage.shape != "rating" && stage.shape != "validation") return {};
  return fail(ErrorClass::permanent, "HF-CFG-02",
              "\"similar\" is for stages that read the request alone, and never for a rating or a validation");
}

Task<Result<std::optional<Found>>> Similar::find(Situation situation) const {
  const stages::StageInput& input = *situation.input;
  if (situation.neighbours == nullptr || input.job.input.payload.empty()) co_return std::optional<Found>{};
  auto looking = situation.neighbours->find(input.job, input.config, situation.step->similarity_min);
  auto waiting = situation.clock->sleep_until(situation.clock->mono_now() + situation.step->time_max);
  auto first = co_await (std::move(looking) || std::move(waiting));
  if (first.index() == 1) {  // too late, or the attempt is over
    HF_CO_TRY_VOID(std::get<1>(std::move(first)));
    co_return std::optional<Found>{};
  }
  HF_CO_TRY(const auto neighbour, std::get<0>(std::move(first)));
  if (!neighbour) co_return std::optional<Found>{};
  Found found;
  found.outcome.publish.push_back({.name = input.config.result, .json = neighbour->result});
  found.outcome.warnings.emplace_back("this is the answer to another request that means nearly the same");
  found.mark.similarity = neighbour->similarity;
  found.mark.answered = neighbour->request;
  found.mark.made_at = neighbour->made_at;
  co_return std::optional{std::move(found)};
}

}  // namespace holdfast::fallback
