#include "web/body_fields.hpp"

#include <algorithm>
#include <boost/json.hpp>

namespace holdfast::web {
namespace {

namespace json = boost::json;

std::unexpected<Error> bad_body_field(std::string_view name, const std::string& what) {
  return fail(ErrorClass::invalid, "HF-REQ-01", std::string{name} + " " + what);
}

/// Nothing where the field is missing or null.
const json::value* given(const json::object& body, std::string_view name) {
  const json::value* value = body.if_contains(name);
  return value != nullptr && !value->is_null() ? value : nullptr;
}

}  // namespace

Result<void> only_fields(const json::object& body, std::initializer_list<std::string_view> known) {
  for (const auto& [name, value] : body) {
    if (std::ranges::find(known, std::string_view{name}) == known.end())
      return bad_body_field(name, "is not a field of this");
  }
  return {};
}

Result<std::string> text_field(const json::object& body, std::string_view name, std::size_t bytes_max) {
  const json::value* value = given(body, name);
  if (value == nullptr) return std::string{};
  if (!value->is_string() || value->get_string().size() > bytes_max)
    return bad_body_field(name, "is a text of at most " + std::to_string(bytes_max) + " bytes");
  return std::string{value->get_string()};
}

Result<bool> flag_field(const json::object& body, std::string_view name, bool otherwise) {
  const json::value* value = given(body, name);
  if (value == nullptr) return otherwise;
  if (!value->is_bool()) return bad_body_field(name, "is true or false");
  return value->get_bool();
}

Result<unsigned> count_field(const json::object& body, std::string_view name, unsigned most) {
  const json::value* value = given(body, name);
  if (value == nullptr) return 0U;
  if (!value->is_int64() || value->get_int64() < 0 || value->get_int64() > std::int64_t{most})
    return bad_body_field(name, "is a whole number from 0 to " + std::to_string(most));
  return static_cast<unsigned>(value->get_int64());
}

Result<json::object> object_field(const json::object& body, std::string_view name) {
  const json::value* value = given(body, name);
  if (value == nullptr) return json::object{};
  if (!value->is_object()) return bad_body_field(name, "is an object");
  return value->get_object();
}

}  // namespace holdfast::web
