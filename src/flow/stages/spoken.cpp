#include "flow/stages/spoken.hpp"

#include <algorithm>

#include "core/grounding/clean.hpp"

namespace holdfast::stages {
namespace {

constexpr std::size_t kLineCharactersMax = 1000;
constexpr std::size_t kBytesMax = 2U << 20U;  // far below frame::kBodyMax, even when JSON escapes double it

std::string quotable(const std::string& text) {
  auto line = grounding::clean_text(text, kLineCharactersMax);
  std::ranges::replace(line, '<', '(');
  std::ranges::replace(line, '>', ')');
  return line;
}

}  // namespace

std::vector<SpokenLine> spoken(const std::vector<Segment>& segments) {
  std::vector<SpokenLine> lines;
  std::size_t bytes = 0;
  for (std::size_t number = 0; number < segments.size(); ++number) {
    auto line = quotable(segments[number].text);
    bytes += line.size();
    if (bytes > kBytesMax) break;
    if (line.empty()) continue;
    lines.push_back({.segment = number, .text = std::move(line), .confidence = segments[number].confidence});
  }
  return lines;
}

}  // namespace holdfast::stages
