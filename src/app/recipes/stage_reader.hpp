#pragma once

#include <toml++/toml.h>

#include <filesystem>

#include "core/base/result.hpp"
#include "core/recipe/recipe.hpp"

namespace holdfast::recipes {

/// The kind of every recipe's first stage. Intake completes it; no worker does it.
inline constexpr std::string_view kUploadKind = "upload";
inline constexpr unsigned kTokensMost = 32'768;  ///< of an answer

/// The fewest tokens of an answer that the stage's schema never cuts off; 0: it has none.
[[nodiscard]] unsigned tokens_needed(const StageConfig& stage);

/// Reads one [[stage]] and the files that it names in the recipe's folder.
/// Errors: invalid or not_found HF-CFG-02, as load_recipes.
Result<StageConfig> read_stage(const toml::table& table, const std::filesystem::path& folder);

}  // namespace holdfast::recipes
