#include "web/json_read.hpp"

#include <boost/json.hpp>

namespace holdfast::web {
namespace {

namespace json = boost::json;

std::unexpected<Error> wrong_type(std::string_view name, std::string_view type) {
  return fail(ErrorClass::invalid, "HF-REQ-01", std::string{name} + " must be " + std::string{type});
}

const json::value* member(const json::object& object, std::string_view name) {
  const json::value* found = object.if_contains(name);
  return found != nullptr && !found->is_null() ? found : nullptr;
}

}  // namespace

Result<std::optional<std::string>> optional_text(const json::object& object, std::string_view name) {
  const json::value* found = member(object, name);
  if (found == nullptr) return std::optional<std::string>{};
  if (!found->is_string()) return wrong_type(name, "a text");
  return std::optional{std::string{found->get_string()}};
}

Result<std::optional<bool>> optional_flag(const json::object& object, std::string_view name) {
  const json::value* found = member(object, name);
  if (found == nullptr) return std::optional<bool>{};
  if (!found->is_bool()) return wrong_type(name, "true or false");
  return std::optional{found->get_bool()};
}

Result<std::optional<std::int64_t>> optional_integer(const json::object& object, std::string_view name) {
  const json::value* found = member(object, name);
  if (found == nullptr) return std::optional<std::int64_t>{};
  if (!found->is_int64()) return wrong_type(name, "a whole number");
  return std::optional{found->get_int64()};
}

Result<std::string> required_text(const json::object& object, std::string_view name) {
  HF_TRY(auto text, optional_text(object, name));
  if (!text) return wrong_type(name, "given");
  return *std::move(text);
}

}  // namespace holdfast::web
