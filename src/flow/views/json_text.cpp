#include "flow/views/json_text.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "core/transcript/text.hpp"

namespace holdfast::views {
namespace {

namespace json = boost::json;

void append(std::string& out, const json::value& value);

void append(std::string& out, const json::object& object) {
  out += '{';
  for (const auto& [key, value] : object) {
    if (out.back() != '{') out += ',';
    transcript::append_json_string(out, key);
    out += ':';
    append(out, value);
  }
  out += '}';
}

void append(std::string& out, const json::array& array) {
  out += '[';
  for (const auto& value : array) {
    if (&value != array.data()) out += ',';
    append(out, value);
  }
  out += ']';
}

/// The depth is that of values we built or parsed with a limit.
void append(std::string& out, const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      out += "null";
      return;
    case json::kind::bool_:
      out += value.get_bool() ? "true" : "false";
      return;
    case json::kind::int64:
      out += std::to_string(value.get_int64());
      return;
    case json::kind::uint64:
      out += std::to_string(value.get_uint64());
      return;
    case json::kind::double_:
      transcript::append_json_number(out, value.get_double());
      return;
    case json::kind::string:
      transcript::append_json_string(out, value.get_string());
      return;
    case json::kind::array:
      append(out, value.get_array());
      return;
    case json::kind::object:
      append(out, value.get_object());
      return;
  }
}

}  // namespace

std::string to_text(const json::value& value) {
  std::string out;
  append(out, value);
  return out;
}

}  // namespace holdfast::views
