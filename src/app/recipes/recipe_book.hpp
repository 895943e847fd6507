#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/recipe/recipe.hpp"

namespace holdfast::recipes {

/// Reads every recipe: each folder in `folder` with its pipeline.toml, prompts and schemas, all of it
/// checked, so that no mistake waits for the first upload. Errors: invalid HF-CFG-02 ("FILE:LINE: what is
/// wrong", with the key that was probably meant); not_found HF-CFG-02 (the folder or a file is not there).
Result<RecipeBook> load_recipes(const std::filesystem::path& folder);

/// Reads one recipe; its name is the folder's. Errors: as load_recipes.
Result<Recipe> load_recipe(const std::filesystem::path& folder);

/// The roles that the recipes need a model for, each once, sorted: the configuration must name one for each.
std::vector<std::string> roles_of(const RecipeBook& book);

}  // namespace holdfast::recipes
