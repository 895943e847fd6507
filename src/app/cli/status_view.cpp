#include "app/cli/status_view.hpp"

#include "app/cli/json_read.hpp"
#include "app/cli/render.hpp"

namespace holdfast::cli {

namespace {

namespace json = boost::json;

std::string words_of(const json::value& value) {
  return value.is_string() ? printable(value.get_string()) : json::serialize(value);
}

/// "name 3, state idle": the fields of a flat object in their order.
std::string fields_of(const json::object& object) {
  std::string text;
  for (const auto& [name, value] : object) {
    if (value.is_null() || (value.is_string() && value.get_string().empty())) continue;
    text += (text.empty() ? "" : ", ") + printable(name) + " " + words_of(value);
  }
  return text;
}

std::string entry_line(const std::string& label, const json::value& value) {
  const std::string before = label.empty() ? "  " : "  " + label + ": ";
  return before + (value.is_object() ? fields_of(value.get_object()) : words_of(value)) + "\n";
}

std::string section(const std::string& title, const json::value& value) {
  std::string lines;
  if (value.is_array()) {
    for (const auto& entry : value.get_array()) lines += entry_line("", entry);
  } else if (value.is_object()) {
    for (const auto& [name, entry] : value.get_object()) lines += entry_line(printable(name), entry);
  } else {
    lines = entry_line("", value);
  }
  return lines.empty() ? "" : title + "\n" + lines;
}

}  // namespace

std::string status_page(const std::string& body) {
  std::string text;
  for (const auto& [name, value] : parse_object(body)) text += section(printable(name), value);
  return text;
}

}  // namespace holdfast::cli
