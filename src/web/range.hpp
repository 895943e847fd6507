#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/base/result.hpp"

namespace holdfast::web {

struct ByteRange {
  std::uint64_t first = 0;
  std::uint64_t count = 0;
};

/// What part of `total` bytes a Range header asks for. Nothing: the whole file, also if the header has a form
/// that may be ignored (another unit, several ranges, not well formed). Errors: invalid HF-REQ-10 (outside
/// the file). Source: RFC 9110, section 14.
Result<std::optional<ByteRange>> parse_range(std::string_view header, std::uint64_t total);

}  // namespace holdfast::web
