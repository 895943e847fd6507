#include "web/paging.hpp"

#include <boost/json.hpp>
#include <charconv>

#include "web/context.hpp"

namespace holdfast::web {
namespace {

namespace json = boost::json;

constexpr std::size_t kMarkLength = 16;

std::unexpected<Error> bad_paging(std::string what) {
  return fail(ErrorClass::invalid, "HF-REQ-01", std::move(what));
}

/// Source: FNV-1a.
std::string mark_of(std::string_view filters) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char letter : filters) hash = (hash ^ static_cast<unsigned char>(letter)) * 0x100000001b3ULL;
  std::string digits;
  for (std::size_t i = 0; i < kMarkLength; ++i, hash >>= 4U) digits += "0123456789abcdef"[hash & 15U];
  return digits;
}

std::string next_page(std::string_view path, const Target& target, const std::string& cursor) {
  std::string address = std::string{path} + "?";
  for (const auto& [name, value] : target.query) {
    if (name != "cursor") address += percent_encode(name) + "=" + percent_encode(value) + "&";
  }
  return address + "cursor=" + percent_encode(cursor);
}

}  // namespace

Result<unsigned> parse_limit(const Target& target) {
  const std::string text = target.query_value("limit");
  if (text.empty()) return kListDefault;
  unsigned limit = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), limit);
  const bool number = problem == std::errc{} && end == text.data() + text.size();
  if (!number || limit == 0 || limit > kListMax) return bad_paging("limit is a number from 1 to 200");
  return limit;
}

std::string make_cursor(std::string_view filters, std::string_view last) {
  return mark_of(filters) + std::string{last};
}

Result<std::string> parse_cursor(const Target& target, std::string_view filters) {
  const std::string text = target.query_value("cursor");
  if (text.empty()) return std::string{};
  if (text.size() <= kMarkLength || text.substr(0, kMarkLength) != mark_of(filters))
    return bad_paging("the cursor does not belong to this list");
  return text.substr(kMarkLength);
}

Response page_response(std::string_view path, const Target& target, json::array data, const std::string& cursor) {
  json::object body{{"data", std::move(data)}, {"next_cursor", nullptr}};
  if (!cursor.empty()) body["next_cursor"] = cursor;
  Response response = json_response(200, body);
  if (!cursor.empty()) response.with("Link", "<" + next_page(path, target, cursor) + ">; rel=\"next\"");
  return response;
}

}  // namespace holdfast::web
