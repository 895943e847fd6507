#include "core/account/roster.hpp"

#include <algorithm>
#include <array>

namespace holdfast::account {
namespace {

constexpr std::array<std::string_view, 6> kHeadings{"name", "user", "username", "email", "e-mail", "login"};
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kAround = " \t\r\"";
  const auto first = text.find_first_not_of(kAround);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kAround) - first + 1);
}

bool is_heading(std::string_view field) {
  std::string word{field};
  for (char& letter : word) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter | 0x20);
  }
  return std::ranges::find(kHeadings, word) != kHeadings.end();
}

}  // namespace

Result<std::vector<std::string>> read_roster(std::string_view text) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  std::vector<std::string> names;
  for (bool first = true; !text.empty(); first = false) {
    const auto end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::string_view field = trimmed(line.substr(0, line.find_first_of(",;\t")));
    if (field.empty() || (first && is_heading(field))) continue;
    if (names.size() == kRosterMax) return fail(ErrorClass::invalid, "HF-ACC-01", "at most 500 names at once");
    names.emplace_back(field);
  }
  if (names.empty()) return fail(ErrorClass::invalid, "HF-ACC-01", "there is no name in the list");
  return names;
}

}  // namespace holdfast::account
