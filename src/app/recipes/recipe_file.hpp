#pragma once

#include <filesystem>
#include <string>

#include "core/base/result.hpp"

namespace holdfast::recipes {

/// Reads a file of a recipe's folder, and nothing outside it; at most 64 KiB.
/// Errors: invalid or not_found HF-CFG-02, as the end of a sentence about the key that names it.
Result<std::string> read_recipe_file(const std::filesystem::path& folder, const std::string& name);

}  // namespace holdfast::recipes
