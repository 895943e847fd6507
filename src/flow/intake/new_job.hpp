#pragma once

#include "core/job/transition.hpp"
#include "core/recipe/recipe.hpp"
#include "flow/intake/intake.hpp"

namespace holdfast::intake {

/// The stages of a new job in that mode, in their order, nothing of them done. Pure.
std::vector<StageRecord> plan_of(const Recipe& recipe, std::string_view mode);

/// The job that an accepted input becomes: its pipeline's stages, the first of them (the upload itself)
/// completed. Pure.
Transition new_job(const Form& form, const Recipe& recipe, Input input, WallTime now, Dice dice);

}  // namespace holdfast::intake
