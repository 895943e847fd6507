#include <unistd.h>

#include <boost/json.hpp>

#include "flow/recovery/filter_json.hpp"
#include "flow/views/item_view.hpp"
#include "flow/views/json_text.hpp"
#include "flow/views/recovery_view.hpp"
#include "web/dead_letter_request.hpp"
#include "web/file_name.hpp"
#include "web/paging.hpp"
#include "web/routes/routes.hpp"

namespace holdfast::web {
namespace {

namespace json = boost::json;

Task<Result<Response>> list_dead_letters(Context* context, Exchange* exchange) {
  HF_CO_TRY(const DeadLetterFilter filter, filter_of_query(exchange->target));
  HF_CO_TRY(const unsigned limit, parse_limit(exchange->target));
  const std::string filters = views::to_text(recovery::filter_object(filter)) + (filter.discarded ? "discarded" : "");
  HF_CO_TRY(std::string before, parse_cursor(exchange->target, filters));
  DeadLetterQuery query{.filter = filter, .before = ItemId{std::move(before)}, .limit = limit + 1};
  HF_CO_TRY(auto jobs, co_await context->store().dead_letters(std::move(query)));
  const bool more = jobs.size() > limit;
  if (more) jobs.resize(limit);
  json::array data;
  for (const Job& job : jobs) data.push_back(shown_dead_letter(context, job));
  const std::string cursor = more ? make_cursor(filters, jobs.back().id.text()) : std::string{};
  co_return page_response("/api/failure-recovery/dead-letters", exchange->target, std::move(data), cursor);
}

Task<Result<Response>> list_groups(Context* context, Exchange* exchange) {
  HF_CO_TRY(DeadLetterFilter filter, filter_of_query(exchange->target));
  HF_CO_TRY(const auto groups, co_await context->store().dead_letter_groups(std::move(filter)));
  co_return json_response(200, json::object{{"data", views::group_objects(groups)}});
}

/// Whether the file can be read now.
bool is_stored(Context* context, const Job& job) {
  if (job.input.blob.empty()) return !job.input.payload.empty();
  const auto opened = context->deps.open_blob(job.input.blob);
  if (opened) (void)::close(*opened);
  return opened.has_value();
}

json::array finished_stages(const Job& job) {
  json::array out;
  for (const StageRecord& stage : job.stages) {
    if (stage.state == StageState::completed) out.emplace_back(stage.name);
  }
  return out;
}

Task<Result<Response>> inspect(Context* context, Exchange* exchange) {
  HF_CO_TRY(const Job job, co_await find_dead_letter(context, exchange));
  HF_CO_TRY(const auto events, co_await context->store().audit(job.id));
  HF_CO_TRY(const ItemRecord record, co_await read_record(context, job.id));
  json::array history;
  for (const StoredEvent& event : events) history.push_back(views::audit_object(event));
  json::array results;
  for (const StoredResult& result : record.results) results.emplace_back(result.name);
  json::object body = shown_dead_letter(context, job);
  body["history"] = std::move(history);
  body["finished_stages"] = finished_stages(job);
  body["results"] = std::move(results);
  body["segments_count"] = record.segments.size();
  body["original_stored"] = is_stored(context, job);
  co_return json_response(200, body);
}

Task<Result<Response>> export_file(Context* context, Exchange* exchange) {
  HF_CO_TRY(const Job job, co_await find_dead_letter(context, exchange));
  if (!job.discarded.empty()) co_return fail(ErrorClass::conflict, "HF-ITM-07", "the item was discarded");
  if (!job.input.blob.empty()) co_return co_await get_media(context, exchange);
  co_return make_response(200, "text/plain; charset=utf-8", job.input.payload)
      .with("Content-Disposition", attachment(job.input.name));
}

std::vector<Parameter> filter_parameters() {
  return {{"owner", "query", "string", "Only of this user."},
          {"recipe", "query", "string", "Only of this recipe."},
          {"stage", "query", "string", "Only those that failed in the stage of this name."},
          {"kind", "query", "string", "Only those that failed in a stage of this kind."},
          {"code", "query", "string", "Only those that failed with this code."},
          {"failed_from", "query", "string", "Failed then or later: 2026-11-22T04:19:07Z."},
          {"failed_until", "query", "string", "Failed then or earlier."},
          {"discarded", "query", "boolean", "Those that were given up instead."}};
}

}  // namespace

void add_dead_letter_routes(std::vector<Route>& table) {
  Route list{.method = "GET",
             .path = "/api/failure-recovery/dead-letters",
             .operation = "listDeadLetters",
             .summary = "Items that failed for good, of all owners, newest first. Nothing of them is lost.",
             .parameters = filter_parameters(),
             .replies = {{200, "One page; the last one has no next_cursor.", "application/json", "DeadLetterList"}},
             .handler = &list_dead_letters,
             .access = Access::superuser};
  list.parameters.push_back(kPageLimit);
  list.parameters.push_back(kPageCursor);
  table.push_back(std::move(list));
  table.push_back({.method = "GET",
                   .path = "/api/failure-recovery/dead-letters/groups",
                   .operation = "listDeadLetterGroups",
                   .summary = "The same counted by recipe, stage and code, the largest group first.",
                   .parameters = filter_parameters(),
                   .replies = {{200, "The groups.", "application/json", "DeadLetterGroupList"}},
                   .handler = &list_groups,
                   .access = Access::superuser});
  table.push_back({.method = "GET",
                   .path = "/api/failure-recovery/dead-letters/{id}",
                   .operation = "inspectDeadLetter",
                   .summary = "One of them with its whole history, what is kept of it and what it has finished.",
                   .parameters = {kItemId},
                   .replies = {{200, "The dead letter.", "application/json", "DeadLetter"}, kNoSuchItem},
                   .handler = &inspect,
                   .access = Access::superuser});
  table.push_back({.method = "GET",
                   .path = "/api/failure-recovery/dead-letters/{id}/file",
                   .operation = "exportDeadLetter",
                   .summary = "The original, to be worked on by hand.",
                   .parameters = {kItemId, {"Range", "header", "string", "One range of bytes."}},
                   .replies = {{200, "The whole file, or the text.", "application/octet-stream", ""},
                               {206, "The bytes asked for.", "application/octet-stream", ""},
                               kNoSuchItem,
                               {409, "It was given up.", "application/problem+json", "Problem"}},
                   .handler = &export_file,
                   .access = Access::superuser});
}

}  // namespace holdfast::web
