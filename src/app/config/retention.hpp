#pragma once

#include "app/config/settings.hpp"
#include "core/recipe/recipe.hpp"

namespace holdfast {

/// What the configuration says, with what each recipe says of its own items laid over it. Errors: invalid HF-CFG-01
/// (ages that contradict each other, in one sentence): then none of it is in force.
Result<retention::Policy> retention_policy(const Settings::Retention& settings, const RecipeBook& recipes);

}  // namespace holdfast
