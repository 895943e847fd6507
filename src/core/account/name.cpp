#include "core/account/name.hpp"

#include <algorithm>

#include "core/transcript/text.hpp"

namespace holdfast::account {
namespace {

char lower(char letter) { return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter | 0x20) : letter; }

bool is_letter_or_digit(char letter) {
  return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9');
}

bool may_stand_in_name(char letter) {
  return is_letter_or_digit(letter) || std::string_view{"._-+@"}.find(letter) != std::string_view::npos;
}

bool is_control(char letter) { return static_cast<unsigned char>(letter) < 0x20 || letter == 0x7F; }

}  // namespace

Result<std::string> parse_name(std::string_view text) {
  std::string name{text};
  std::ranges::transform(name, name.begin(), lower);
  const bool fits = !name.empty() && name.size() <= kNameMax && is_letter_or_digit(name.front()) &&
                    std::ranges::all_of(name, may_stand_in_name);
  if (fits) return name;
  return fail(ErrorClass::invalid, "HF-ACC-01",
              "1 to 64 of a-z, 0-9 and . _ - + @, the first a letter or digit");
}

Result<std::string> parse_label(std::string_view text) {
  const bool fits = !text.empty() && text.size() <= kLabelMax && std::ranges::none_of(text, is_control) &&
                    transcript::to_valid_utf8(text) == text;
  if (fits) return std::string{text};
  return fail(ErrorClass::invalid, "HF-ACC-01", "1 to 100 bytes of text");
}

}  // namespace holdfast::account
