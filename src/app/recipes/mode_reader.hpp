#pragma once

#include "app/recipes/table_reader.hpp"
#include "core/recipe/recipe.hpp"

namespace holdfast::recipes {

/// Reads the list `mode` of a recipe whose stages have been read. Mistakes are noted with the reader.
/// Errors: invalid HF-CFG-02 (file, line and key).
Result<std::vector<modes::Mode>> read_modes(TableReader& reader, const Recipe& recipe, const std::string& file);

/// What in a recipe's modes, and in what its fallbacks say of them, cannot work; empty: all is well.
[[nodiscard]] std::string wrong_modes(const Recipe& recipe);

}  // namespace holdfast::recipes
