#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <optional>
#include <string>

#include "core/base/rfc3339.hpp"
#include "core/catalogue/catalogue.hpp"
#include "ports/job_store.hpp"

/// Single values as every view shows them. Include in .cpp files only.
namespace holdfast::views {

inline boost::json::value text_or_null(const std::string& text) {
  if (text.empty()) return nullptr;
  return boost::json::string{text};
}

inline boost::json::value when(const std::optional<WallTime>& time) {
  if (!time) return nullptr;
  return boost::json::string{to_rfc3339(*time)};
}

/// In seconds; null: not known.
inline boost::json::value seconds(std::optional<milliseconds> time) {
  if (!time) return nullptr;
  if (time->count() % 1000 == 0) return time->count() / 1000;
  return static_cast<double>(time->count()) / 1000;
}

/// The same for times that are below 0 where they are not known.
inline boost::json::value seconds(std::int64_t time_ms) {
  if (time_ms < 0) return nullptr;
  return seconds(milliseconds{time_ms});
}

inline boost::json::value error_value(const std::optional<Failure>& error) {
  if (!error) return nullptr;
  const auto& entry = catalogue::describe(error->code);
  return boost::json::object{{"code", error->code},
                             {"message", entry.message},
                             {"retryable", entry.retryable},
                             {"what_to_do", entry.what_to_do}};
}

}  // namespace holdfast::views
