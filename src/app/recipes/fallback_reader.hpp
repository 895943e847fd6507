#pragma once

#include <filesystem>

#include "app/recipes/table_reader.hpp"
#include "core/recipe/recipe.hpp"

namespace holdfast::recipes {

/// Reads `deadline` and the list `fallback` of a stage whose other keys have been read.
/// Errors: invalid HF-CFG-02 (file, line and key).
Result<void> read_fallbacks(TableReader& reader, StageConfig& stage, const std::filesystem::path& folder);


}  // namespace holdfast::recipes
