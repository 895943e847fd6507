#include <boost/json.hpp>
#include <charconv>

#include "flow/views/item_view.hpp"
#include "flow/views/recovery_view.hpp"
#include "web/item_list.hpp"
#include "web/routes/routes.hpp"

/// Items of all owners, for operators.
namespace holdfast::web {
namespace {

namespace json = boost::json;

Task<Result<Response>> list_all_items(Context* context, Exchange* exchange) {
  const std::string owner = exchange->target.query_value("owner");
  HF_CO_TRY(Query query, parse_list_query(exchange->target, owner.empty() ? std::nullopt : std::optional{owner}));
  Query one_more = query;
  ++one_more.limit;
  HF_CO_TRY(std::vector<Job> jobs, co_await context->store().list(std::move(one_more)));
  const bool more = jobs.size() > query.limit;
  if (more) jobs.resize(query.limit);
  json::array data;
  for (const Job& job : jobs) data.push_back(listed_item(context, job, {}));
  const std::string cursor = more ? to_cursor(query, jobs.back().id) : std::string{};
  co_return page_response("/api/failure-recovery/items", exchange->target, std::move(data), cursor);
}

Task<Result<Response>> show_any_item(Context* context, Exchange* exchange) {
  HF_CO_TRY(const Job job, co_await find_item(context, exchange));
  HF_CO_TRY(const auto events, co_await context->store().audit(job.id));
  json::array history;
  for (const StoredEvent& event : events) history.push_back(views::audit_object(event));
  json::object body = listed_item(context, job, {});
  body["history"] = std::move(history);
  co_return json_response(200, body);
}

/// By the item's id, or by the key under which its owner handed it in.
Task<Result<Job>> find_by_uuid(Context* context, Exchange* exchange) {
  const std::string uuid = exchange->path_values["audio_uuid"];
  HF_CO_TRY(auto found, co_await context->store().find(ItemId{uuid}));
  if (found) co_return *std::move(found);
  HF_CO_TRY(auto jobs, co_await context->store().find_key_of_all(uuid));
  const std::string owner = exchange->target.query_value("owner");
  if (!owner.empty()) std::erase_if(jobs, [&owner](const Job& job) { return job.owner != owner; });
  if (jobs.size() > 1)
    co_return fail(ErrorClass::invalid, "HF-REQ-01", "several owners use this job_id: say which with owner");
  if (jobs.empty()) co_return fail(ErrorClass::not_found, "HF-ITM-06", "there is no such item");
  co_return std::move(jobs.front());
}

Task<Result<Response>> pipeline_status(Context* context, Exchange* exchange) {
  HF_CO_TRY(const Job job, co_await find_by_uuid(context, exchange));
  const double progress = context->deps.engine.progress_of(job.id);
  json::object body = views::pipeline_object(job, progress, context->clock().wall_now());
  body["audio_uuid"] = exchange->path_values["audio_uuid"];
  co_return json_response(200, body);
}

Result<std::uint64_t> parse_seq(const std::string& text) {
  std::uint64_t seq = 0;
  if (text.empty()) return seq;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), seq);
  const bool number = problem == std::errc{} && end == text.data() + text.size();
  if (!number || seq > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
    return fail(ErrorClass::invalid, "HF-REQ-01", "the cursor does not belong to this list");
  return seq;
}

Task<Result<Response>> whole_audit(Context* context, Exchange* exchange) {
  HF_CO_TRY(const unsigned limit, parse_limit(exchange->target));
  HF_CO_TRY(const std::string after, parse_cursor(exchange->target, "audit"));
  HF_CO_TRY(const std::uint64_t seq, parse_seq(after));
  HF_CO_TRY(auto events, co_await context->store().events_after(seq, limit + 1));
  const bool more = events.size() > limit;
  if (more) events.resize(limit);
  json::array data;
  for (const StoredEvent& event : events) data.push_back(views::event_object(event));
  const std::string cursor = more ? make_cursor("audit", std::to_string(events.back().seq)) : std::string{};
  co_return page_response("/api/failure-recovery/audit", exchange->target, std::move(data), cursor);
}


}  // namespace

void add_recovery_item_routes(std::vector<Route>& table) {
  table.push_back({.method = "GET",
                   .path = "/api/failure-recovery/pipeline-status/{audio_uuid}",
                   .operation = "getPipelineStatus",
                   .summary = "Each stage of one item with its attempts and times, what it waits for, and its error.",
                   .parameters = {{"audio_uuid", "path", "string", "The item's id, or its job_id."},
                                  {"owner", "query", "string", "Whose, where several owners use the same job_id."}},
                   .replies = {{200, "The item's way so far.", "application/json", "PipelineStatus"}, kNoSuchItem},
                   .handler = &pipeline_status,
                   .access = Access::superuser});
  table.push_back(
      {.method = "GET",
       .path = "/api/failure-recovery/items",
       .operation = "listAllItems",
       .summary = "Items of all owners, newest first.",
       .parameters = {{"owner", "query", "string", "Only of this user."},
                      {"status", "query", "pending|processing|completed|failed|cancelled", "Only these."},
                      {"recipe", "query", "string", "Only of this recipe."},
                      kPageLimit,
                      kPageCursor},
       .replies = {{200, "One page; the last one has no next_cursor.", "application/json", "ItemList"}},
       .handler = &list_all_items,
       .access = Access::superuser});
  table.push_back({.method = "GET",
                   .path = "/api/failure-recovery/items/{id}",
                   .operation = "getAnyItem",
                   .summary = "One item of any owner with its whole history, without what was said in it.",
                   .parameters = {kItemId},
                   .replies = {{200, "The item.", "application/json", "ItemWithHistory"}, kNoSuchItem},
                   .handler = &show_any_item,
                   .access = Access::superuser});
  table.push_back({.method = "GET",
                   .path = "/api/failure-recovery/audit",
                   .operation = "getWholeAudit",
                   .summary = "Every step that was taken with any item, oldest first.",
                   .parameters = {kPageLimit, kPageCursor},
                   .replies = {{200, "One page; the last one has no next_cursor.", "application/json", "WholeAudit"}},
                   .handler = &whole_audit,
                   .access = Access::superuser});
}

}  // namespace holdfast::web
