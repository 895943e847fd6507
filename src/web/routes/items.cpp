#include <algorithm>
#include <boost/json.hpp>
#include <cmath>

#include "core/transcript/fill.hpp"
#include "flow/views/downshift_view.hpp"
#include "flow/views/item_view.hpp"
#include "web/header_value.hpp"
#include "web/item_list.hpp"
#include "web/prefer.hpp"
#include "web/routes/routes.hpp"
#include "web/wait_event.hpp"

namespace holdfast::web {
namespace {

namespace json = boost::json;

constexpr std::size_t kVideosMax = 1000;

/// Names a state of the item. Progress is part of what is shown, so it is part of this as well.
std::string etag_of(const Job& job, double progress) {
  std::string tag = "\"v" + std::to_string(job.version);
  if (job.status == JobStatus::processing) tag += "-" + std::to_string(std::lround(progress * 100));
  return tag + "\"";
}

bool is_known(Exchange* exchange, const std::string& etag) {
  const std::string given = exchange->head.field("if-none-match");
  const auto tags = list_elements(given);
  return std::ranges::any_of(tags, [&etag](std::string_view tag) {
    if (tag.starts_with("W/")) tag.remove_prefix(2);
    return tag == "*" || tag == etag;
  });
}

/// Holds the request until the item has another version or is over.
Task<Result<Job>> wait_for_change(Context* context, Exchange* exchange, int seconds) {
  const Principal& who = exchange->principal;
  // Before the item is read: nothing can come in between.
  auto subscription = context->deps.hub.subscribe(who.superuser ? std::string{} : who.owner);
  StopSignal::Bell bell{context->stop, context->clock()};
  HF_CO_TRY(Job job, co_await find_item(context, exchange));
  const std::uint64_t seen = job.version;
  const bool news = exchange->head.has("if-none-match") &&
                    !is_known(exchange, etag_of(job, context->deps.engine.progress_of(job.id)));
  const MonoTime deadline = context->clock().mono_now() + std::chrono::seconds{seconds};
  while (!news && job.version == seen && !is_terminal(job.status)) {
    HF_CO_TRY(const auto event, co_await wait_event(subscription.get(), &bell, deadline));
    const bool lost = subscription->take_lost();
    if (!event) break;
    const bool about_it = event->item == job.id && event->seq > 0;
    if (about_it || lost) {
      HF_CO_TRY(job, co_await find_item(context, exchange));
    }
  }
  HF_CO_TRY(job, co_await find_item(context, exchange));
  co_return job;
}

Task<Result<Response>> get_item(Context* context, Exchange* exchange) {
  const int wait = wait_of(exchange->head.field("prefer")).value_or(0);
  auto found = wait > 0 ? wait_for_change(context, exchange, wait) : find_item(context, exchange);
  HF_CO_TRY(const Job job, co_await std::move(found));
  const double progress = context->deps.engine.progress_of(job.id);
  std::string etag = etag_of(job, progress);
  Response response{.status = 304};
  if (!is_known(exchange, etag)) {
    HF_CO_TRY(const ItemRecord record, co_await read_record(context, job.id));
    etag = etag_of(record.job, progress);
    response = json_response(200, shown_item(context, record));
  }
  response.with("ETag", etag).with("Cache-Control", "no-cache");
  if (wait > 0) response.with("Preference-Applied", "wait=" + std::to_string(wait));
  co_return response;
}

/// Results are read of completed items only: others have no rating to show.
Task<Result<std::vector<StoredResult>>> results_to_list(Context* context, const Job* job) {
  if (job->status != JobStatus::completed) co_return std::vector<StoredResult>{};
  co_return co_await context->store().results(job->id);
}

Task<Result<Response>> list_items(Context* context, Exchange* exchange) {
  HF_CO_TRY(Query query, parse_list_query(exchange->target, exchange->principal.owner));
  Query one_more = query;
  ++one_more.limit;  // tells whether there is a next page
  HF_CO_TRY(std::vector<Job> jobs, co_await context->store().list(std::move(one_more)));
  const bool more = jobs.size() > query.limit;
  if (more) jobs.resize(query.limit);

  json::array data;
  for (const Job& job : jobs) {
    HF_CO_TRY(const auto results, co_await results_to_list(context, &job));
    data.push_back(listed_item(context, job, results));
  }
  const std::string cursor = more ? to_cursor(query, jobs.back().id) : std::string{};
  co_return page_response("/api/v1/items", exchange->target, std::move(data), cursor);
}

Task<Result<Response>> my_videos(Context* context, Exchange* exchange) {
  std::vector<views::VideoRow> videos;
  bool more = true;
  Query query{.owner = exchange->principal.owner, .limit = kListMax};
  while (more && videos.size() < kVideosMax) {
    Query page = query;
    HF_CO_TRY(std::vector<Job> jobs, co_await context->store().list(std::move(page)));
    more = jobs.size() == query.limit;
    for (Job& job : jobs) {
      HF_CO_TRY(auto results, co_await results_to_list(context, &job));
      query.before = job.id;
      videos.emplace_back(std::move(job), std::move(results));
    }
  }
  json::object body = views::my_videos_object(videos);
  body["truncated"] = more;
  co_return json_response(200, body);
}

Task<Result<Response>> show_changed(Context* context, Job job) {
  HF_CO_TRY(const ItemRecord record, co_await read_record(context, job.id));
  const double progress = context->deps.engine.progress_of(job.id);
  co_return json_response(200, shown_item(context, record))
      .with("ETag", etag_of(record.job, progress));
}

Task<Result<Response>> cancel_item(Context* context, Exchange* exchange) {
  HF_CO_TRY(const Job job, co_await find_item(context, exchange));
  HF_CO_TRY(Job changed, co_await context->deps.engine.cancel(job.id));
  co_return co_await show_changed(context, std::move(changed));
}

/// A name that may be missing: then it is empty. Errors: invalid HF-REQ-01.
Result<std::string> name_in(const json::object& body, std::string_view field, const char* what) {
  const json::value* given = body.if_contains(field);
  if (given == nullptr || given->is_null()) return std::string{};
  if (!given->is_string()) return fail(ErrorClass::invalid, "HF-REQ-01", what);
  return std::string{given->get_string()};
}

Task<Result<Response>> retry_item(Context* context, Exchange* exchange) {
  HF_CO_TRY(const json::object body, co_await read_json(exchange));
  HF_CO_TRY(std::string from_stage, name_in(body, "from_stage", "from_stage is the name of a stage"));
  HF_CO_TRY(const Job job, co_await find_item(context, exchange));
  HF_CO_TRY(Job changed, co_await context->deps.engine.retry(job.id, std::move(from_stage)));
  co_return co_await show_changed(context, std::move(changed));
}

Task<Result<Response>> redo_item(Context* context, Exchange* exchange) {
  HF_CO_TRY(const json::object body, co_await read_json(exchange));
  HF_CO_TRY(std::string mode, name_in(body, "mode", "mode is the name of a mode"));
  HF_CO_TRY(const Job job, co_await find_item(context, exchange));
  if (!mode.empty()) {
    HF_CO_TRY(Job begun, co_await context->deps.engine.redo_in(job.id, std::move(mode)));
    co_return co_await show_changed(context, std::move(begun));
  }
  std::string stage = views::first_lesser_stage(job);
  if (job.status != JobStatus::completed || stage.empty())
    co_return fail(ErrorClass::conflict, "HF-ITM-11", "nothing of it was done in a lesser way");
  HF_CO_TRY(Job changed, co_await context->deps.engine.retry(job.id, std::move(stage)));
  co_return co_await show_changed(context, std::move(changed));
}

/// Which gap: `start_s` of the body; without it all.
Result<std::int64_t> gap_asked_for(const json::object& body) {
  const json::value* given = body.if_contains("start_s");
  if (given == nullptr || given->is_null()) return transcript::kAll;
  constexpr double kMonthS = 30.0 * 86'400;
  const double seconds = given->is_number() ? given->to_number<double>() : -1;
  if (!(seconds >= 0 && seconds <= kMonthS))
    return fail(ErrorClass::invalid, "HF-REQ-01", "start_s is the place in seconds where a gap begins");
  return std::llround(seconds * 1000);
}

Task<Result<Response>> fill_gaps(Context* context, Exchange* exchange) {
  HF_CO_TRY(const json::object body, co_await read_json(exchange));
  HF_CO_TRY(const std::int64_t start_ms, gap_asked_for(body));
  HF_CO_TRY(const Job job, co_await find_item(context, exchange));
  HF_CO_TRY(Job changed, co_await context->deps.engine.fill_gaps(job.id, start_ms));
  co_return co_await show_changed(context, std::move(changed));
}

Task<Result<Response>> get_audit(Context* context, Exchange* exchange) {
  HF_CO_TRY(const Job job, co_await find_item(context, exchange));
  HF_CO_TRY(const auto events, co_await context->store().audit(job.id));
  json::array data;
  for (const StoredEvent& event : events) data.push_back(views::audit_object(event));
  co_return json_response(200, json::object{{"data", std::move(data)}});
}

}  // namespace

void add_item_routes(std::vector<Route>& table) {
  const Reply conflict{409, "Not possible in the state the item is in.", "application/problem+json",
                       "Problem"};
  table.push_back(
      {.method = "GET",
       .path = "/api/v1/items",
       .operation = "listItems",
       .summary = "Your own items, newest first.",
       .parameters = {{"status", "query", "pending|processing|completed|failed|cancelled", "Only these."},
                      {"recipe", "query", "string", "Only of this recipe."},
                      kPageLimit,
                      kPageCursor},
       .replies = {{200, "One page; the last one has no next_cursor.", "application/json", "ItemList"}},
       .handler = &list_items});
  table.push_back(
      {.method = "GET",
       .path = "/api/v1/items/{id}",
       .operation = "getItem",
       .summary = "One item with everything that is known of it.",
       .parameters = {kItemId,
                      {"If-None-Match", "header", "string", "An ETag: 304 if nothing changed since."},
                      {"Prefer", "header", "string", "wait=30: answer when it changes or is over."}},
       .replies = {{200, "The item.", "application/json", "Item"},
                   {304, "It is as you know it.", "", ""},
                   kNoSuchItem},
       .handler = &get_item});
  table.push_back({.method = "POST",
                   .path = "/api/v1/items/{id}/cancel",
                   .operation = "cancelItem",
                   .summary = "Stop working on an item. Its file is kept.",
                   .parameters = {kItemId},
                   .replies = {{200, "The item; work under way ends soon.", "application/json", "Item"},
                               kNoSuchItem,
                               conflict},
                   .handler = &cancel_item});
  table.push_back({.method = "POST",
                   .path = "/api/v1/items/{id}/retry",
                   .operation = "retryItem",
                   .summary = "Work on an item again, from where it stopped or from a named stage.",
                   .parameters = {kItemId},
                   .bodies = {{"application/json", "Retry"}},
                   .replies = {{200, "The item, waiting again.", "application/json", "Item"},
                               kNoSuchItem,
                               conflict,
                               {422, "It has no such stage.", "application/problem+json", "Problem"}},
                   .handler = &retry_item});
  table.push_back({.method = "POST",
                   .path = "/api/v1/items/{id}/redo",
                   .operation = "redoItem",
                   .summary = "Do what was done in a lesser way again, or all of it in a fuller mode.",
                   .parameters = {kItemId},
                   .bodies = {{"application/json", "Redo"}},
                   .replies = {{200, "The item, waiting again.", "application/json", "Item"},
                               kNoSuchItem,
                               conflict,
                               {422, "It has no such mode.", "application/problem+json", "Problem"}},
                   .handler = &redo_item});
  table.push_back({.method = "POST",
                   .path = "/api/v1/items/{id}/gaps/fill",
                   .operation = "fillGaps",
                   .summary = "Hear gaps of a transcript again, and nothing else; without text they stay as they are.",
                   .parameters = {kItemId},
                   .bodies = {{"application/json", "FillGaps"}},
                   .replies = {{200, "The item, waiting again with all that it has.", "application/json", "Item"},
                               kNoSuchItem,
                               conflict},
                   .handler = &fill_gaps});
  table.push_back({.method = "GET",
                   .path = "/api/v1/items/{id}/audit",
                   .operation = "getItemAudit",
                   .summary = "Every step that was taken with an item, oldest first.",
                   .parameters = {kItemId},
                   .replies = {{200, "The audit trail.", "application/json", "Audit"}, kNoSuchItem},
                   .handler = &get_audit});
  table.push_back({.method = "GET",
                   .path = "/my-videos",
                   .operation = "listMyVideos",
                   .summary = "Your own videos, grouped as completed, processing, failed and pending.",
                   .replies = {{200, "The groups, each newest first.", "application/json", "MyVideos"}},
                   .handler = &my_videos});
}

}  // namespace holdfast::web
