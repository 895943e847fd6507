#include "worker/frame.hpp"

#include <boost/json.hpp>

namespace holdfast::worker {

namespace json = boost::json;

std::unexpected<Error> malformed(std::string_view what) {
  return fail(ErrorClass::permanent, "HF-SRV-01", "the request's " + std::string{what} + " cannot be used");
}

Result<json::object> parse_object(std::string_view frame) {
  boost::system::error_code bad;
  auto value = json::parse(frame, bad);
  if (bad || !value.is_object()) return malformed("JSON");
  return std::move(value.as_object());
}

std::string_view word_of(ErrorClass cls) {
  switch (cls) {
    case ErrorClass::dependency:
      return "dependency";
    case ErrorClass::resource:
      return "resource";
    case ErrorClass::permanent:
      return "permanent";
    default:
      return "transient";
  }
}

}  // namespace holdfast::worker
