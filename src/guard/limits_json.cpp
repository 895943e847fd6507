#include "guard/limits_json.hpp"

#include <boost/json.hpp>
#include <cmath>
#include <limits>

namespace holdfast::guard {
namespace {

namespace json = boost::json;
using admission::Limits;
using admission::Watermarks;

std::unexpected<Error> wrong_limit(std::string_view key, const char* why) {
  return fail(ErrorClass::invalid, "HF-REQ-01", std::string{key} + ' ' + why);
}

Result<void> take(std::string_view key, const json::value& value, unsigned& into) {
  boost::system::error_code bad;
  const auto number = value.to_number<std::uint32_t>(bad);
  if (value.is_double() || bad) return wrong_limit(key, "is a whole number, 0: no limit");
  into = number;
  return {};
}

Result<void> take(std::string_view key, const json::value& value, double& into) {
  boost::system::error_code bad;
  const auto percent = value.to_number<std::uint32_t>(bad);
  if (value.is_double() || bad || percent > 100) return wrong_limit(key, "is a percentage of the memory");
  into = percent / 100.0;
  return {};
}

Result<void> take_marks(std::string_view key, const json::value& value, std::string_view low, std::string_view high,
                        Watermarks& into) {
  if (!value.is_object()) return wrong_limit(key, "is an object of two marks");
  for (const auto& [name, mark] : value.get_object()) {
    if (name != low && name != high) return wrong_limit(std::string{key} + '.' + std::string{name}, "is not known");
    HF_TRY_VOID(take(name, mark, name == low ? into.close_below : into.open_above));
  }
  return {};
}

Result<void> take_queues(std::string_view key, const json::value& value, Limits& into) {
  if (!value.is_object()) return wrong_limit(key, "is an object of queues and numbers");
  into.waiting_max_of.clear();
  for (const auto& [queue, most] : value.get_object()) HF_TRY_VOID(take(queue, most, into.waiting_max_of[queue]));
  return {};
}

Result<void> take_entry(std::string_view key, const json::value& value, Limits& into) {
  if (key == "active_users_max") return take(key, value, into.active_users_max);
  if (key == "waiting_max") return take(key, value, into.waiting_max);
  if (key == "waiting_max_of") return take_queues(key, value, into);
  if (key == "work") return take_marks(key, value, "stop_below_percent", "resume_above_percent", into.work);
  if (key == "uploads") return take_marks(key, value, "refuse_below_percent", "accept_above_percent", into.uploads);
  return wrong_limit(key, "is not known; active_users_max, waiting_max, waiting_max_of, work and uploads are");
}

}  // namespace

std::string to_json_text(const Limits& limits) {
  const auto percent = [](double part) { return std::lround(part * 100); };
  json::object queues;
  for (const auto& [queue, most] : limits.waiting_max_of) queues[queue] = most;
  const json::object work{{"stop_below_percent", percent(limits.work.close_below)},
                          {"resume_above_percent", percent(limits.work.open_above)}};
  const json::object uploads{{"refuse_below_percent", percent(limits.uploads.close_below)},
                             {"accept_above_percent", percent(limits.uploads.open_above)}};
  const json::object out{{"active_users_max", limits.active_users_max},
                         {"waiting_max", limits.waiting_max},
                         {"waiting_max_of", std::move(queues)},
                         {"work", work},
                         {"uploads", uploads}};
  return json::serialize(out);
}

Result<Limits> limits_from_json(const std::string& text, Limits base) {
  boost::system::error_code bad;
  const json::value parsed = json::parse(text, bad);
  if (bad || !parsed.is_object()) return wrong_limit("the body", "is not a JSON object");
  for (const auto& [key, value] : parsed.get_object()) HF_TRY_VOID(take_entry(key, value, base));
  return base;
}

}  // namespace holdfast::guard
