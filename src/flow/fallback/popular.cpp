#include <boost/json.hpp>

#include "flow/fallback/strategies.hpp"
#include "flow/stages/generate/shape.hpp"

namespace holdfast::fallback {
namespace {

/// A recipe's results by mode. Errors: permanent HF-CFG-02 (no JSON object, or an empty one).
Result<boost::json::object> read_results(const std::string& text) {
  boost::system::error_code bad;
  auto value = boost::json::parse(text, bad);
  if (!bad && value.is_object() && !value.get_object().empty()) return std::move(value.get_object());
  return fail(ErrorClass::permanent, "HF-CFG-02", "\"data\" must name a file with a JSON object of results by mode");
}

}  // namespace

Result<void> Popular::check(const StageConfig& stage, const FallbackStep& step) const {
  HF_TRY(const auto results, read_results(step.data));
  const auto* shape = stages::find_shape(stage.shape);
  for (const auto& [mode, result] : results) {
    const auto fits = shape != nullptr ? shape->check_result(result) : Result<void>{};
    if (!fits) return fail(ErrorClass::permanent, "HF-CFG-02", "\"" + std::string{mode} + "\": " + fits.error().what());
  }
  return {};
}

Task<Result<std::optional<Found>>> Popular::find(Situation situation) const {
  HF_CO_TRY(const auto results, read_results(situation.step->data));
  const auto* result = results.if_contains(situation.mode);
  if (result == nullptr) co_return std::optional<Found>{};
  Found found;
  const std::string& name = situation.input->config.result;
  found.outcome.publish.push_back({.name = name, .json = boost::json::serialize(*result)});
  found.outcome.warnings.emplace_back("this is a popular answer: it does not follow from what was asked");
  co_return std::optional{std::move(found)};
}

}  // namespace holdfast::fallback
