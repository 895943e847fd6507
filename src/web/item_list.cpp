#include "web/item_list.hpp"

#include <charconv>

namespace holdfast::web {
namespace {

constexpr std::size_t kMarkLength = 16;

std::unexpected<Error> bad(std::string what) {
  return fail(ErrorClass::invalid, "HF-REQ-01", std::move(what));
}

/// A mark of the filters, so that a cursor is not taken for a list that it does not belong to. Source:
/// FNV-1a.
std::string mark_of(const Query& query) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  const std::string text =
      std::string{query.status ? to_word(*query.status) : ""} + '\n' + query.recipe.value_or("");
  for (const char letter : text) hash = (hash ^ static_cast<unsigned char>(letter)) * 0x100000001b3ULL;
  std::string digits;
  for (std::size_t i = 0; i < kMarkLength; ++i, hash >>= 4U) digits += "0123456789abcdef"[hash & 15U];
  return digits;
}

Result<void> take_limit(const std::string& text, Query& query) {
  if (text.empty()) return {};
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), query.limit);
  const bool number = problem == std::errc{} && end == text.data() + text.size();
  if (!number || query.limit == 0 || query.limit > kListMax) return bad("limit is a number from 1 to 200");
  return {};
}

Result<void> take_cursor(const std::string& text, Query& query) {
  if (text.empty()) return {};
  if (text.size() <= kMarkLength || text.substr(0, kMarkLength) != mark_of(query)) {
    return bad("the cursor does not belong to this list");
  }
  query.before = ItemId{text.substr(kMarkLength)};
  return {};
}

}  // namespace

Result<Query> parse_list_query(const Target& target) {
  Query query{.limit = kListDefault};
  if (const std::string word = target.query_value("status"); !word.empty()) {
    query.status = job_status_from(word);
    if (!query.status) return bad("status is one of pending, processing, completed, failed, cancelled");
  }
  if (std::string recipe = target.query_value("recipe"); !recipe.empty()) query.recipe = std::move(recipe);
  HF_TRY_VOID(take_limit(target.query_value("limit"), query));
  HF_TRY_VOID(take_cursor(target.query_value("cursor"), query));
  return query;
}

std::string to_cursor(const Query& query, const ItemId& last) { return mark_of(query) + last.text(); }

std::string next_page(const Target& target, const std::string& cursor) {
  std::string address = "/api/v1/items?";
  for (const auto& [name, value] : target.query) {
    if (name != "cursor") address += percent_encode(name) + "=" + percent_encode(value) + "&";
  }
  return address + "cursor=" + percent_encode(cursor);
}

}  // namespace holdfast::web
