#include "web/file_name.hpp"

#include <algorithm>
#include <array>

#include "core/transcript/text.hpp"
#include "web/uri.hpp"

namespace holdfast::web {
namespace {

constexpr std::size_t kNameMax = 255;

/// U+200E, U+200F, U+202A..E, U+2066..9 in UTF-8.
constexpr std::array<std::string_view, 11> kDirectionMarks{
    "\xE2\x80\x8E", "\xE2\x80\x8F", "\xE2\x80\xAA", "\xE2\x80\xAB", "\xE2\x80\xAC", "\xE2\x80\xAD",
    "\xE2\x80\xAE", "\xE2\x81\xA6", "\xE2\x81\xA7", "\xE2\x81\xA8", "\xE2\x81\xA9"};

bool is_control(char letter) { return static_cast<unsigned char>(letter) < 0x20 || letter == 0x7F; }

void cut_at_character(std::string& text) {
  if (text.size() <= kNameMax) return;
  std::size_t end = kNameMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  text.resize(end);
}

bool is_plain(char letter) {
  return letter >= 0x20 && letter < 0x7F && letter != '"' && letter != '\\' && letter != '%';
}

}  // namespace

std::string clean_file_name(std::string_view raw) {
  const auto slash = raw.find_last_of("/\\");
  if (slash != std::string_view::npos) raw.remove_prefix(slash + 1);
  std::string name = transcript::to_valid_utf8(raw);
  std::erase_if(name, is_control);
  for (const std::string_view mark : kDirectionMarks) {
    for (auto at = name.find(mark); at != std::string::npos; at = name.find(mark))
      name.erase(at, mark.size());
  }
  cut_at_character(name);
  const bool is_folder = name == "." || name == "..";
  return name.empty() || is_folder ? "upload" : name;
}

std::string attachment(std::string_view file_name) {
  const std::string name = clean_file_name(file_name);
  std::string ascii = name;
  std::ranges::replace_if(ascii, [](char letter) { return !is_plain(letter); }, '_');
  std::string value = "attachment; filename=\"" + ascii + "\"";
  if (ascii != name) value += "; filename*=UTF-8''" + percent_encode(name);
  return value;
}

}  // namespace holdfast::web
