#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/result.hpp"

namespace holdfast::web {

using QueryParameters = std::vector<std::pair<std::string, std::string>>;

/// Bytes for %XX, and a space for + if `form`. Errors: invalid HF-REQ-01 (a % without two hexadecimal digits,
/// or NUL).
Result<std::string> percent_decode(std::string_view text, bool form);

/// Everything but letters, digits and -._~ as %XX.
std::string percent_encode(std::string_view text);

/// A target in origin form, taken apart.
struct Target {
  std::vector<std::string> segments;  ///< of the path, decoded: "/api/v1" is {"api", "v1"}, "/" is {}
  QueryParameters query;

  /// The parameter's value, or an empty string.
  [[nodiscard]] std::string query_value(std::string_view name) const;
};

/// Errors: invalid HF-REQ-01 (bad encoding, a parameter twice, more than 64 of them).
Result<Target> parse_target(std::string_view target);

}  // namespace holdfast::web
