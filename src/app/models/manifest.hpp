#pragma once

#include <string_view>
#include <vector>

#include "app/models/models.hpp"

namespace holdfast::models {

/// models/manifest.toml as it was when the program was built.
[[nodiscard]] std::string_view manifest_text();

/// Reads a manifest; paths are put into `folder`. Errors: corrupt HF-CFG-02 (with the place).
Result<std::vector<ModelFile>> read_manifest(std::string_view text, const std::string& folder);

}  // namespace holdfast::models
