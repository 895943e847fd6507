#pragma once

#include <string>
#include <string_view>

namespace holdfast::transcript {

/// The same text as valid UTF-8: every byte that is not part of a well-formed character becomes U+FFFD.
/// Source: Unicode 15, table 3-7 (well-formed byte sequences).
std::string to_valid_utf8(std::string_view text);

/// Appends `text` as a JSON string with its quotation marks. Expects UTF-8; other bytes become U+FFFD.
void append_json_string(std::string& out, std::string_view text);

/// Appends the shortest decimal number that reads back as `value`; 0 for what JSON cannot say (not a number,
/// infinity).
void append_json_number(std::string& out, double value);

}  // namespace holdfast::transcript
