#include "web/range.hpp"

#include <algorithm>
#include <charconv>

#include "web/header_value.hpp"

namespace holdfast::web {
namespace {

/// Too many digits for 64 bits count as very much. Nothing: not a number.
std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || end != text.data() + text.size()) return std::nullopt;
  if (problem == std::errc::result_out_of_range) return UINT64_MAX;
  if (problem != std::errc{}) return std::nullopt;
  return value;
}

std::unexpected<Error> outside() {
  return fail(ErrorClass::invalid, "HF-REQ-10", "the range lies outside the file");
}

}  // namespace

Result<std::optional<ByteRange>> parse_range(std::string_view header, std::uint64_t total) {
  const std::optional<ByteRange> whole;
  const auto equals = header.find('=');
  if (equals == std::string_view::npos || !equals_ignoring_case(header.substr(0, equals), "bytes"))
    return whole;
  const auto range = trimmed(header.substr(equals + 1));
  const auto dash = range.find('-');
  if (dash == std::string_view::npos || range.find(',') != std::string_view::npos) return whole;
  const auto first = number(range.substr(0, dash));
  const auto last = number(range.substr(dash + 1));

  if (dash == 0) {  // the last so many bytes
    if (!last) return whole;
    const std::uint64_t count = std::min(*last, total);
    if (count == 0) return outside();
    return ByteRange{.first = total - count, .count = count};
  }
  const bool open_end = dash + 1 == range.size();
  if (!first || (!last && !open_end) || (last && *last < *first)) return whole;
  if (*first >= total) return outside();
  const std::uint64_t end = open_end ? total - 1 : std::min(*last, total - 1);
  return ByteRange{.first = *first, .count = end - *first + 1};
}

}  // namespace holdfast::web
