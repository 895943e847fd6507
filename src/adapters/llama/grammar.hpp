#pragma once

#include <string>

#include "core/base/result.hpp"

namespace holdfast::llama {

/// A JSON Schema as a GBNF grammar whose start is `root`. Errors: permanent HF-CFG-02 (no JSON, or a part of
/// JSON Schema that has no grammar).
Result<std::string> grammar_of(const std::string& schema);

}  // namespace holdfast::llama
