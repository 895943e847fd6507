#include "app/config/retention.hpp"

namespace holdfast {
namespace {

retention::Age age_of(milliseconds configured) {
  return configured.count() == 0 ? retention::Age{} : retention::Age{configured};
}

}  // namespace

Result<retention::Policy> retention_policy(const Settings::Retention& settings, const RecipeBook& recipes) {
  retention::Policy policy{.ages = {.files = age_of(settings.files),
                                    .transcripts = age_of(settings.transcripts),
                                    .dead_letters = age_of(settings.dead_letters),
                                    .items = age_of(settings.items)},
                           .audit = age_of(settings.audit),
                           .management_audit = age_of(settings.management_audit)};
  for (const auto& [name, recipe] : recipes)
    policy.recipes.emplace(name, retention::laid_over(policy.ages, recipe.retention));
  if (auto said = retention::contradiction(policy); !said.empty())
    return fail(ErrorClass::invalid, "HF-CFG-01", std::move(said));
  return policy;
}

}  // namespace holdfast
