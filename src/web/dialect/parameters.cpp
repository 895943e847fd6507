#include "web/dialect/parameters.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>

#include "core/transcript/text.hpp"
#include "flow/intake/request_text.hpp"
#include "web/dialect/error.hpp"

namespace holdfast::web::dialect {
namespace {

namespace json = boost::json;

constexpr std::size_t kFieldShownMax = 64;

/// nullptr: it is not there.
const json::value* given(const json::object& body, std::string_view name) {
  const json::value* value = body.if_contains(name);
  return value == nullptr || value->is_null() ? nullptr : value;
}

std::string range_of(double least, double most) {
  std::string words = "is not a number from ";
  transcript::append_json_number(words, least);
  words += " to ";
  transcript::append_json_number(words, most);
  return words;
}

bool is_same(const json::value& value, const json::value& other) {
  if (value.is_number() && other.is_number()) return value.to_number<double>() == other.to_number<double>();
  return value == other;
}

bool says_nothing_new(std::string_view name, const json::value& value, std::span<const Neutral> neutral) {
  const auto found = std::ranges::find(neutral, name, &Neutral::name);
  if (found == neutral.end()) return false;
  if (found->value.empty()) return true;
  return is_same(value, json::parse({found->value.data(), found->value.size()}));
}

}  // namespace

Result<std::optional<std::string>> text_parameter(const json::object& body, std::string_view name) {
  const json::value* value = given(body, name);
  if (value == nullptr) return std::optional<std::string>{};
  if (!value->is_string()) return refuse(name, "is not a text");
  return std::optional{std::string{value->get_string()}};
}

Result<bool> flag_parameter(const json::object& body, std::string_view name) {
  const json::value* value = given(body, name);
  if (value == nullptr) return false;
  if (!value->is_bool()) return refuse(name, "is not true or false");
  return value->get_bool();
}

Result<std::optional<double>> number_parameter(const json::object& body, std::string_view name, double least,
                                               double most) {
  const json::value* value = given(body, name);
  if (value == nullptr) return std::optional<double>{};
  const double number = value->is_number() ? value->to_number<double>() : std::nan("");
  if (!(number >= least && number <= most)) return refuse(name, range_of(least, most));
  return std::optional{number};
}

Result<std::optional<std::int64_t>> count_parameter(const json::object& body, std::string_view name,
                                                    std::int64_t least, std::int64_t most) {
  const json::value* value = given(body, name);
  if (value == nullptr) return std::optional<std::int64_t>{};
  boost::system::error_code bad;
  const auto count = value->is_number() ? value->to_number<std::int64_t>(bad) : std::int64_t{0};
  if (!value->is_number() || bad || count < least || count > most)
    return refuse(name, "is not a whole number from " + std::to_string(least) + " to " + std::to_string(most));
  return std::optional{count};
}

Result<void> only(const json::object& body, std::span<const std::string_view> known,
                  std::span<const Neutral> neutral) {
  for (const auto& [key, value] : body) {
    const std::string_view name{key.data(), key.size()};
    const bool taken = std::ranges::find(known, name) != known.end();
    if (taken || value.is_null() || says_nothing_new(name, value, neutral)) continue;
    return refuse(transcript::to_valid_utf8(name.substr(0, kFieldShownMax)), "is not supported");
  }
  return {};
}

Result<void> check_text_of(std::string_view param, std::string_view text) {
  if (text.empty()) return {};
  const auto checked = intake::check_text(text);
  if (checked || checked.error().code() == "HF-UPL-08") return {};  // blanks are a text here
  return refuse(param, checked.error().what());
}

}  // namespace holdfast::web::dialect
