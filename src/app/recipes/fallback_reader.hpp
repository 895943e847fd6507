#pragma once

#include <filesystem>

#include "app/recipes/table_reader.hpp"
#include "core/recipe/recipe.hpp"

namespace holdfast::recipes {

/// Reads `deadline` and the list `fallback` of a stage whose other keys have been read.
/// Errors: invalid HF-CFG-02 (file, line and key).
Result<void> read_fallbacks(TableReader& reader, StageConfig& stage, const std::filesystem::path& folder);

/// Reads the list `mode` of a recipe. Mistakes are noted with the reader. Errors: invalid HF-CFG-02.
Result<std::vector<modes::Mode>> read_modes(TableReader& reader, const std::string& file);

/// What in a recipe's modes and fallbacks cannot work; empty: all is well.
[[nodiscard]] std::string wrong_modes(const Recipe& recipe);

}  // namespace holdfast::recipes
