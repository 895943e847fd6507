#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The words of which dates are made, in English and German.
namespace holdfast::memory {

/// A word or a number of a sentence, with where it stands in it.
struct DateToken {
  std::string text;      ///< in lower case; of a number its digits
  int number = -1;       ///< of digits, at most 4 of them
  bool ordinal = false;  ///< "3rd", "3."
  bool capitalised = false;
  char joined = 0;  ///< what stands between it and the one before, where that is one sign and no blank: '-', '/', ':'
  std::size_t begin = 0;
  std::size_t end = 0;
};
std::vector<DateToken> date_tokens(std::string_view text);

enum class DateUnit : std::uint8_t { minute, hour, day, week, month, year };

/// 1 Monday to 7 Sunday.
std::optional<unsigned> weekday_of(std::string_view word);
/// 1 to 12.
std::optional<unsigned> month_of(std::string_view word);
/// "two", "zwei", "a", "einer".
std::optional<int> number_of_word(std::string_view word);
/// "third", "dritten".
std::optional<int> ordinal_of_word(std::string_view word);
std::optional<DateUnit> unit_of(std::string_view word);

}  // namespace holdfast::memory
