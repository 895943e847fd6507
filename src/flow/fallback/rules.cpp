#include <boost/json.hpp>

#include "flow/fallback/strategies.hpp"
#include "flow/stages/generate/sources.hpp"

namespace holdfast::fallback {
namespace {

Result<std::optional<Found>> by_rules(const stages::StageInput& input) {
  const auto* shape = stages::find_shape(input.config.shape);
  if (shape == nullptr) return std::optional<Found>{};
  HF_TRY(const auto sources, stages::sources_of(input));
  HF_TRY(auto shaped, shape->by_rules(stages::material_of(input, sources.earlier)));
  Found found;
  found.outcome.warnings = std::move(shaped.warnings);
  found.outcome.publish.push_back({.name = input.config.result, .json = boost::json::serialize(shaped.result)});
  return std::optional{std::move(found)};
}

std::unexpected<Error> has_no(const StageConfig& stage, std::string_view what) {
  return fail(ErrorClass::permanent, "HF-CFG-02",
              "the stage of shape \"" + stage.shape + "\" has no " + std::string{what});
}

bool has_rules(const StageConfig& stage) {
  const auto* shape = stages::find_shape(stage.shape);
  return shape != nullptr && shape->has_rules();
}

}  // namespace

Result<void> Rules::check(const StageConfig& stage, const FallbackStep& /*step*/) const {
  if (!has_rules(stage) || !stage.templates.empty()) return has_no(stage, "rules alone");
  return {};
}

Task<Result<std::optional<Found>>> Rules::find(Situation situation) const { co_return by_rules(*situation.input); }

Result<void> Template::check(const StageConfig& stage, const FallbackStep& /*step*/) const {
  if (!has_rules(stage) || stage.templates.empty()) return has_no(stage, "\"templates\"");
  return {};
}

Task<Result<std::optional<Found>>> Template::find(Situation situation) const { co_return by_rules(*situation.input); }

}  // namespace holdfast::fallback
