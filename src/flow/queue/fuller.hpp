#pragma once

#include "core/job/decide.hpp"
#include "core/recipe/recipe.hpp"

namespace holdfast::queue {

/// What it takes to have an item in that mode after all: the mode's stages, and those that it does in another way than
/// the mode that was asked for. Pure. Errors: invalid HF-UPL-11 (no such mode), conflict HF-ITM-11 (a fuller one was
/// asked for).
Result<decide::Fuller> fuller(const Job& job, const Recipe& recipe, const std::string& mode);

}  // namespace holdfast::queue
