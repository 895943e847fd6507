#pragma once

#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace holdfast::worker {

/// Compares the whole file with its SHA-256 (64 hex digits, any case) before anything of it is interpreted.
/// Errors: dependency HF-ENG-02 (not readable, or other bytes than expected).
Result<void> check_model_file(const std::string& path, std::string_view sha256);

}  // namespace holdfast::worker
