#include "flow/stages/spoken.hpp"

#include <algorithm>

#include "core/grounding/clean.hpp"

namespace holdfast::stages {
namespace {

constexpr std::size_t kLineCharactersMax = 1000;
constexpr std::size_t kSpokenBytesMax = 2U << 20U;  // far below frame::kBodyMax, even when JSON escapes double it

constexpr std::size_t kWrittenBytesMax = 500;  // of a line; a word that is longer is cut as well

std::string quotable(std::string_view text, std::size_t characters_max = kLineCharactersMax) {
  auto line = grounding::clean_text(text, characters_max);
  std::ranges::replace(line, '<', '(');
  std::ranges::replace(line, '>', ')');
  return line;
}

bool continues_character(char byte) { return (static_cast<unsigned char>(byte) & 0xc0U) == 0x80U; }

/// Where a line that is too long is cut: before the last blank that leaves it short enough, or between two characters.
std::size_t cut_of(std::string_view line) {
  if (line.size() <= kWrittenBytesMax) return line.size();
  const auto blank = line.rfind(' ', kWrittenBytesMax);
  if (blank != std::string_view::npos && blank > 0) return blank;
  std::size_t at = kWrittenBytesMax;
  while (at > 1 && continues_character(line[at])) --at;
  return at;
}

}  // namespace

std::vector<SpokenLine> written(std::string_view text) {
  std::vector<SpokenLine> lines;
  std::size_t bytes = 0;
  while (!text.empty() && bytes <= kSpokenBytesMax) {
    const auto end = std::min(text.find('\n'), text.size());
    const std::string whole = quotable(text.substr(0, end), kSpokenBytesMax);
    text.remove_prefix(std::min(end + 1, text.size()));
    for (std::string_view rest = whole; !rest.empty();) {
      const std::size_t cut = cut_of(rest);
      lines.push_back({.segment = lines.size(), .text = std::string{rest.substr(0, cut)}, .confidence = 1});
      bytes += cut;
      rest.remove_prefix(std::min(rest.size(), cut < rest.size() && rest[cut] == ' ' ? cut + 1 : cut));
    }
  }
  return lines;
}

std::vector<SpokenLine> spoken(const std::vector<Segment>& segments) {
  std::vector<SpokenLine> lines;
  std::size_t bytes = 0;
  for (std::size_t number = 0; number < segments.size(); ++number) {
    auto line = quotable(segments[number].text);
    bytes += line.size();
    if (bytes > kSpokenBytesMax) break;
    if (line.empty()) continue;
    lines.push_back({.segment = number, .text = std::move(line), .confidence = segments[number].confidence});
  }
  return lines;
}

}  // namespace holdfast::stages
