#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/result.hpp"

/// The small grammar that header values share. Source: RFC 9110, section 5.6.
namespace holdfast::web {

/// One or more characters that may stand in names of methods, fields and parameters.
bool is_token(std::string_view text);

/// Without spaces and tabs at both ends.
std::string_view trimmed(std::string_view text);

/// Latin letters in lower case, everything else as it is.
std::string lower(std::string_view text);

bool equals_ignoring_case(std::string_view left, std::string_view right);

/// The elements of a comma-separated list, trimmed, without empty ones. Commas inside quotation marks do not
/// count.
std::vector<std::string_view> list_elements(std::string_view value);

/// A value with parameters: `form-data; name="file"; filename="a.mp4"`.
struct Parameterized {
  std::string value;                                            ///< in lower case
  std::vector<std::pair<std::string, std::string>> parameters;  ///< names in lower case, values unquoted

  /// The parameter's value, or nullptr.
  [[nodiscard]] const std::string* find(std::string_view name) const;
};

/// Reads a value with parameters. Within quotation marks a backslash takes away the meaning of `"` and `\`
/// only, because browsers send the paths of other systems with bare ones. Errors: invalid HF-REQ-01 (not of
/// that form, or a parameter twice).
Result<Parameterized> parse_parameterized(std::string_view text);

}  // namespace holdfast::web
