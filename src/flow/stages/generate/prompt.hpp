#pragma once

#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace holdfast::stages {

/// A prompt file: the system's instruction, a line `---`, then the task with a line `{{transcript}}` or `{{reads}}`
/// where the lines go that the model is shown.
struct Prompt {
  std::string system;
  std::string before;
  std::string after;
};

/// Errors: permanent HF-CFG-02 (a part is missing or comes twice).
Result<Prompt> parse_prompt(std::string_view text);

}  // namespace holdfast::stages
