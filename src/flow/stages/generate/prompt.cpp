#include "flow/stages/generate/prompt.hpp"

#include <utility>
#include <vector>

namespace holdfast::stages {
namespace {

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    auto line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.push_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

/// Both mean the same; a text that was sent is no transcript.
bool is_place(std::string_view line) { return line == "{{transcript}}" || line == "{{reads}}"; }

std::unexpected<Error> refuse(std::string what) {
  return fail(ErrorClass::permanent, "HF-CFG-02", "the prompt " + std::move(what));
}

}  // namespace

Result<Prompt> parse_prompt(std::string_view text) {
  Prompt prompt;
  std::string* const parts[] = {&prompt.system, &prompt.before, &prompt.after};
  std::size_t part = 0;
  for (const auto line : lines_of(text)) {
    if ((part == 0 && line == "---") || (part == 1 && is_place(line))) {
      ++part;
    } else if (is_place(line)) {
      return refuse(part == 0 ? "has no line --- before {{transcript}}" : "has {{transcript}} twice");
    } else {
      *parts[part] += std::string{line} + '\n';
    }
  }
  if (part < 1) return refuse("has no line --- between instruction and task");
  if (part < 2) return refuse("has no line {{transcript}} or {{reads}}");
  while (prompt.system.ends_with('\n')) prompt.system.pop_back();
  while (prompt.after.ends_with('\n')) prompt.after.pop_back();
  if (prompt.system.empty()) return refuse("has no instruction before the line ---");
  return prompt;
}

}  // namespace holdfast::stages
