#pragma once

#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/fragrance/brief.hpp"

namespace holdfast::fragrance {

inline constexpr std::string_view kComplianceUnknown = "unknown";

/// What a check of a brief says. Every error is critical: such a brief is none.
struct Validation {
  std::vector<std::string> errors;
  std::vector<std::string> warnings;
  std::string ifra_compliance{kComplianceUnknown};

  [[nodiscard]] bool valid() const { return errors.empty(); }
};

/// What is wrong with a brief, each in a sentence that names the field; empty: nothing.
std::vector<std::string> errors_of(const Brief& brief);

/// A check by rules alone, for when no model can be asked: numbers and weights within 0..1, a style and a category
/// that are known. It warns that it is no more than that and that IFRA compliance was not looked at.
Validation validate_by_rules(const Brief& brief);

/// Errors: permanent HF-LLM-08 (with every error).
Result<void> refuse_critical(const Validation& validation);

}  // namespace holdfast::fragrance
