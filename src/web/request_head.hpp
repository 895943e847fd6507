#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/result.hpp"

namespace holdfast::web {

/// Request line and header fields of one request.
struct RequestHead {
  static constexpr std::size_t kBytesMax = 16U << 10U;
  static constexpr std::size_t kFieldsMax = 100;
  static constexpr std::size_t kTargetMax = 8U << 10U;

  std::string method;
  std::string target;                                       ///< in origin form: "/path?query"
  unsigned minor = 1;                                       ///< of HTTP/1.x
  std::vector<std::pair<std::string, std::string>> fields;  ///< names in lower case, values trimmed
  std::optional<std::uint64_t> content_length;
  bool chunked = false;

  /// Value of a field, several lines of it joined as one list; empty: there is none. `name` in lower case.
  [[nodiscard]] std::string field(std::string_view name) const;
  [[nodiscard]] bool has(std::string_view name) const;
  [[nodiscard]] bool has_body() const { return chunked || content_length.value_or(0) > 0; }
};

/// Reads a whole head, up to and with its empty line. There is one way to understand what this accepts:
/// refused are bare CR or LF, control characters, folded lines, space before a colon, more than one body
/// length in any spelling, and several lines of a field that means something only once. Beast alone accepts
/// some of these. Errors: invalid HF-REQ-01, HF-REQ-08 (more fields or a longer target than the limits).
/// Source: RFC 9112, sections 2.2, 3, 5.2, 6.1 and 6.3.
Result<RequestHead> parse_head(std::string_view text);

}  // namespace holdfast::web
