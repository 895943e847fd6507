#include "web/context.hpp"

#include <boost/json.hpp>

#include "flow/views/downshift_view.hpp"
#include "flow/views/item_view.hpp"
#include "flow/views/json_text.hpp"
#include "web/header_value.hpp"

namespace holdfast::web {
namespace {

namespace json = boost::json;

constexpr std::size_t kJsonMax = 1U << 20U;
constexpr std::size_t kDepthMax = 32;

std::unexpected<Error> no_such_item() {
  return fail(ErrorClass::not_found, "HF-ITM-06", "there is no such item, or it is not yours");
}

std::unexpected<Error> too_much() {
  return fail(ErrorClass::invalid, "HF-REQ-02", "at most 1 MiB and 32 levels");
}

Result<json::object> parse_object(const std::string& text) {
  json::parse_options options;
  options.max_depth = kDepthMax;
  boost::system::error_code bad;
  json::value value = json::parse(text, bad, {}, options);
  if (bad == json::error::too_deep) return too_much();
  if (bad || !value.is_object())
    return fail(ErrorClass::invalid, "HF-REQ-01", "the body is not a JSON object");
  return std::move(value.get_object());
}

}  // namespace

Response json_response(unsigned status, const json::value& body) {
  return make_response(status, "application/json", views::to_text(body) + "\n");
}

Task<Result<Job>> find_item(Context* context, Exchange* exchange) {
  ItemId id{exchange->path_values["id"]};
  HF_CO_TRY(auto found, co_await context->store().find(std::move(id)));
  const bool visible = found && (found->owner == exchange->principal.owner || exchange->principal.superuser);
  if (!visible) co_return no_such_item();
  co_return *std::move(found);
}

Task<Result<ItemRecord>> read_record(Context* context, ItemId id) {
  HF_CO_TRY(auto found, co_await context->store().record(std::move(id)));
  if (!found) co_return no_such_item();
  co_return *std::move(found);
}

namespace {

/// What an item is told by things that its record alone does not know.
void add_standing(Context* context, const Job& job, json::object& item) {
  item["retention"] = views::retention_object(job, context->deps.keep.of(job.recipe));
  const RecipeBook& recipes = context->deps.intake.recipes;
  const auto recipe = recipes.find(job.recipe);
  if (recipe != recipes.end()) item["downshift"] = views::downshift_value(job, recipe->second);
}

/// Beside the results, where there are any.
void add_metadata(Context* context, const Job& job, json::value& result) {
  const RecipeBook& recipes = context->deps.intake.recipes;
  const auto recipe = recipes.find(job.recipe);
  if (!result.is_object() || recipe == recipes.end()) return;
  json::value metadata = views::metadata_value(job, recipe->second);
  if (!metadata.is_null()) result.get_object()["metadata"] = std::move(metadata);
}

}  // namespace

json::object shown_item(Context* context, const ItemRecord& record) {
  const double progress = context->deps.engine.progress_of(record.job.id);
  json::object item = views::item_object(record, progress);
  add_standing(context, record.job, item);
  add_metadata(context, record.job, item["result"]);
  return item;
}

json::object listed_item(Context* context, const Job& job, std::span<const StoredResult> results) {
  json::object item = views::short_item_object(job, results, context->deps.engine.progress_of(job.id));
  add_standing(context, job, item);
  return item;
}

Task<Result<json::object>> read_json(Exchange* exchange) {
  std::string text;
  for (;;) {
    HF_CO_TRY(const std::string piece, co_await exchange->body->read());
    if (piece.empty()) break;
    text += piece;
    if (text.size() > kJsonMax) co_return too_much();
  }
  if (text.empty()) co_return json::object{};
  const auto type = parse_parameterized(exchange->head.field("content-type"));
  if (!type || type->value != "application/json") {
    co_return fail(ErrorClass::invalid, "HF-REQ-11", "the body must be application/json");
  }
  co_return parse_object(text);
}

}  // namespace holdfast::web
