#pragma once

#include <string_view>

#include "core/base/result.hpp"

namespace holdfast::intake {

/// A request in words is small: it is kept in the job itself.
inline constexpr std::size_t kTextBytesMax = 64U << 10U;

/// Whether a text can be taken. Errors: invalid HF-UPL-01 (too long; states `bytes_max`), HF-UPL-08 (nothing that can
/// be seen), HF-UPL-02 (no UTF-8), HF-TXT-01 (control characters other than tabs and ends of lines).
Result<void> check_text(std::string_view text);

/// What is said of a text that is too long, which need not be read to its end.
std::unexpected<Error> text_too_long();

}  // namespace holdfast::intake
