#include "app/cli/brief_view.hpp"

#include <algorithm>
#include <cmath>

#include "app/cli/json_read.hpp"
#include "app/cli/render.hpp"

namespace holdfast::cli {

namespace {

namespace json = boost::json;

constexpr std::size_t kBriefLabelCells = 16;

std::string brief_line(std::string label, const std::string& value) {
  label.resize(std::max(kBriefLabelCells, label.size() + 1), ' ');
  return "  " + label + value + "\n";
}

std::string percent_words(const json::value& share) {
  boost::system::error_code bad;
  const auto number = share.to_number<double>(bad);
  return bad ? "-" : std::to_string(std::lround(std::clamp(number, 0.0, 1.0) * 100)) + " %";
}

std::string percent_at(const json::object& object, std::string_view field) {
  const auto* value = object.if_contains(field);
  return value == nullptr ? "-" : percent_words(*value);
}

std::string notes_words(const json::object& notes) {
  std::string words;
  for (const auto& [name, weight] : notes)
    words += (words.empty() ? "" : ", ") + printable(name) + " " + percent_words(weight);
  return words;
}

std::string list(const json::object& object, std::string_view field) {
  std::string text;
  for (const auto& entry : array_at(object, field)) {
    if (entry.is_string()) text += "  - " + printable(entry.get_string()) + "\n";
  }
  return text;
}

std::string check_lines(const json::object& check) {
  if (check.empty()) return {};
  const auto* valid = check.if_contains("valid");
  const bool holds = valid != nullptr && *valid == json::value(true);
  return "\nCheck\n" + brief_line("valid", holds ? "yes" : "no") +
         brief_line("IFRA", printable(text_at(check, "ifra_compliance"))) + list(check, "errors") +
         list(check, "warnings");
}

}  // namespace

std::string brief_lines(const json::object& result) {
  const auto& brief = object_at(result, "brief");
  if (brief.empty()) return {};
  const std::string hints = list(result, "hints");
  return "\nBrief\n" + brief_line("style", printable(text_at(brief, "style"))) +
         brief_line("product", printable(text_at(brief, "product_category"))) +
         brief_line("intensity", percent_at(brief, "intensity")) +
         brief_line("complexity", percent_at(brief, "complexity")) +
         brief_line("notes", notes_words(object_at(brief, "notes_preference"))) +
         check_lines(object_at(result, "validation")) + (hints.empty() ? hints : "\nHints\n" + hints);
}

}  // namespace holdfast::cli
