#include "web/item_list.hpp"

namespace holdfast::web {
namespace {

std::string filters_of(const Query& query) {
  return std::string{query.status ? to_word(*query.status) : ""} + '\n' + query.recipe.value_or("") + '\n' +
         query.owner.value_or("");
}

}  // namespace

Result<Query> parse_list_query(const Target& target, std::optional<std::string> owner) {
  Query query{.owner = std::move(owner)};
  if (const std::string word = target.query_value("status"); !word.empty()) {
    query.status = job_status_from(word);
    if (!query.status)
      return fail(ErrorClass::invalid, "HF-REQ-01",
                  "status is one of pending, processing, completed, failed, cancelled");
  }
  if (std::string recipe = target.query_value("recipe"); !recipe.empty()) query.recipe = std::move(recipe);
  HF_TRY(query.limit, parse_limit(target));
  HF_TRY(const std::string before, parse_cursor(target, filters_of(query)));
  query.before = ItemId{before};
  return query;
}

std::string to_cursor(const Query& query, const ItemId& last) { return make_cursor(filters_of(query), last.text()); }

}  // namespace holdfast::web
