#include <boost/json.hpp>

#include "core/base/rfc3339.hpp"
#include "flow/queue/artifact.hpp"
#include "web/body_fields.hpp"
#include "web/routes/routes.hpp"

/// What an operator does with a queue as a whole, with worker processes and with the cache.
namespace holdfast::web {
namespace {

namespace json = boost::json;

constexpr unsigned kPage = 200;
constexpr std::size_t kShownMax = 100'000;  ///< waiting items of one queue
constexpr std::size_t kAtOnceMax = 500;     ///< items that one request is about

std::unexpected<Error> no_such_queue() {
  return fail(ErrorClass::not_found, "HF-QUE-01", "there is no queue of that name");
}

Result<std::string> find_queue(Context* context, Exchange* exchange) {
  const recovery::Parking* parking = context->deps.operators.parking;
  std::string name = exchange->path_values["queue"];
  if (parking == nullptr || !parking->queues().contains(name)) return no_such_queue();
  return name;
}

bool waits_in(const Job& job, const std::string& queue) {
  const StageRecord* stage = current_stage(job);
  return job.status == JobStatus::pending && stage != nullptr && stage->bulkhead == queue;
}

json::object queue_object(Context* context, const std::string& queue, const std::vector<QueueCount>& counts) {
  json::object out{{"queue", queue},
                   {"parked", context->deps.operators.parking->parked().contains(queue)},
                   {"pending", 0},
                   {"processing", 0}};
  for (const QueueCount& count : counts) {
    if (count.bulkhead == queue) out[to_word(count.status)] = count.jobs;
  }
  return out;
}

Task<Result<Response>> list_queues(Context* context, Exchange* /*exchange*/) {
  HF_CO_TRY(const auto counts, co_await context->store().counts());
  json::array data;
  if (context->deps.operators.parking != nullptr) {
    for (const std::string& queue : context->deps.operators.parking->queues())
      data.push_back(queue_object(context, queue, counts));
  }
  co_return json_response(200, json::object{{"data", std::move(data)}});
}

json::object waiting_object(const Job& job) {
  json::object out{{"id", job.id.text()},
                   {"owner", job.owner},
                   {"recipe", job.recipe},
                   {"name", job.input.name},
                   {"stage", current_stage(job)->name},
                   {"created_at", to_rfc3339(job.created_at)},
                   {"held_for", nullptr}};
  if (!job.held_for.empty()) out["held_for"] = job.held_for;
  return out;
}

Task<Result<Response>> show_queue(Context* context, Exchange* exchange) {
  HF_CO_TRY(const std::string queue, find_queue(context, exchange));
  HF_CO_TRY(const auto counts, co_await context->store().counts());
  json::array items;
  bool more = true;
  for (Query query{.status = JobStatus::pending, .limit = kPage}; more && items.size() < kShownMax;) {
    Query page = query;
    HF_CO_TRY(const auto jobs, co_await context->store().list(std::move(page)));
    for (const Job& job : jobs) {
      if (waits_in(job, queue)) items.push_back(waiting_object(job));
    }
    more = jobs.size() == kPage;
    if (more) query.before = jobs.back().id;
  }
  json::object body = queue_object(context, queue, counts);
  body["items"] = std::move(items);
  body["truncated"] = more;
  co_return json_response(200, body);
}

Task<Result<Response>> set_parked(Context* context, Exchange* exchange, bool parked) {
  HF_CO_TRY(const std::string queue, find_queue(context, exchange));
  HF_CO_TRY_VOID(co_await context->deps.operators.parking->set(queue, parked));
  HF_CO_TRY(const auto counts, co_await context->store().counts());
  co_return json_response(200, queue_object(context, queue, counts));
}

Task<Result<Response>> park_queue(Context* context, Exchange* exchange) { return set_parked(context, exchange, true); }
Task<Result<Response>> resume_queue(Context* context, Exchange* exchange) {
  return set_parked(context, exchange, false);
}

/// The ids of the body's `items`.
Result<std::vector<ItemId>> read_items(const json::object& body) {
  HF_TRY_VOID(only_fields(body, {"items"}));
  const json::value* items = body.if_contains("items");
  const bool well = items != nullptr && items->is_array() && items->get_array().size() <= kAtOnceMax;
  if (!well) return fail(ErrorClass::invalid, "HF-REQ-01", "items is a list of at most 500 ids");
  std::vector<ItemId> ids;
  for (const json::value& item : items->get_array()) {
    if (!item.is_string()) return fail(ErrorClass::invalid, "HF-REQ-01", "items is a list of ids");
    ids.emplace_back(std::string{item.get_string()});
  }
  return ids;
}

/// Whether the item was done with; one that cannot be is passed over, and any other error ends it.
template <class T>
Result<bool> was_done(const Result<T>& answer) {
  if (answer) return true;
  const ErrorClass cls = answer.error().error_class();
  if (cls == ErrorClass::conflict || cls == ErrorClass::not_found || cls == ErrorClass::invalid) return false;
  return std::unexpected{answer.error()};
}

Response done_with(const char* word, const json::array& done, const json::array& left) {
  return json_response(200, json::object{{word, done}, {"passed_over", left}});
}

/// Only what still waits in that queue: what was begun meanwhile is not stuck.
Task<Result<Response>> clear_queue(Context* context, Exchange* exchange) {
  HF_CO_TRY(const std::string queue, find_queue(context, exchange));
  HF_CO_TRY(const json::object body, co_await read_json(exchange));
  HF_CO_TRY(const auto ids, read_items(body));
  json::array done;
  json::array left;
  for (const ItemId& id : ids) {
    HF_CO_TRY(const auto job, co_await context->store().find(id));
    if (!job || !waits_in(*job, queue)) {
      left.push_back(json::string{id.text()});
      continue;
    }
    const auto cancelled = co_await context->deps.engine.cancel(id);
    HF_CO_TRY(const bool well, was_done(cancelled));
    (well ? done : left).push_back(json::string{id.text()});
  }
  co_return done_with("cancelled", done, left);
}

/// Items that a clearing cancelled go on where they waited, as far as what that needs is still kept.
Task<Result<Response>> restore_items(Context* context, Exchange* exchange) {
  HF_CO_TRY(const json::object body, co_await read_json(exchange));
  HF_CO_TRY(const auto ids, read_items(body));
  json::array done;
  json::array left;
  for (const ItemId& id : ids) {
    HF_CO_TRY(const auto job, co_await context->store().find(id));
    if (!job || job->status != JobStatus::cancelled) {
      left.push_back(json::string{id.text()});
      continue;
    }
    const auto retried = co_await context->deps.engine.retry(id, job->stages.at(job->stage).name);
    HF_CO_TRY(const bool well, was_done(retried));
    (well ? done : left).push_back(json::string{id.text()});
  }
  co_return done_with("restored", done, left);
}

Task<Result<Response>> restart_workers(Context* context, Exchange* exchange) {
  if (!context->deps.operators.restart_workers)
    co_return fail(ErrorClass::not_found, "HF-WRK-01", "there are no worker processes");
  const std::string which = exchange->path_values["worker"];
  HF_CO_TRY(const unsigned ended, context->deps.operators.restart_workers(which));
  co_return json_response(200, json::object{{"worker", which}, {"ended", ended}});
}

Task<Result<Response>> clear_cache(Context* context, Exchange* /*exchange*/) {
  if (!context->deps.operators.clear_cache) co_return fail(ErrorClass::not_found, "HF-CCH-01", "there is no cache");
  HF_CO_TRY_VOID(co_await context->deps.operators.clear_cache());
  co_return json_response(200, json::object{{"cleared", true}});
}

constexpr Parameter kQueue{"queue", "path", "media|engine|embedding", "The pool that its items wait for."};
constexpr Reply kNoSuchQueue{404, "There is no such queue.", "application/problem+json", "Problem"};

Route control(std::string_view method, std::string_view path, std::string_view operation, std::string_view summary,
              std::string_view schema, Handler handler) {
  return {.method = method,
          .path = path,
          .operation = operation,
          .summary = summary,
          .replies = {{200, "Done.", "application/json", schema}},
          .handler = handler,
          .access = Access::superuser};
}

Route of_queue(Route route) {
  route.parameters = {kQueue};
  route.replies.push_back(kNoSuchQueue);
  return route;
}

Route with_items(Route route) {
  route.bodies = {{"application/json", "QueuedItems"}};
  return route;
}

}  // namespace

void add_queue_control_routes(std::vector<Route>& table) {
  const std::string_view base = "/api/failure-recovery/queues";
  table.push_back(control("GET", base, "listQueues", "The queues, and which of them are parked.", "QueueList",
                          &list_queues));
  table.push_back(of_queue(control("GET", "/api/failure-recovery/queues/{queue}", "getQueue",
                                   "One queue with the items of all owners that wait in it, newest first.", "Queue",
                                   &show_queue)));
  table.push_back(of_queue(control("POST", "/api/failure-recovery/queues/{queue}/park", "parkQueue",
                                   "Begin nothing more of a queue until it is resumed; work under way goes on.",
                                   "Queue", &park_queue)));
  table.push_back(of_queue(control("POST", "/api/failure-recovery/queues/{queue}/resume", "resumeQueue",
                                   "Begin work of a parked queue again.", "Queue", &resume_queue)));
  table.push_back(with_items(of_queue(
      control("POST", "/api/failure-recovery/queues/{queue}/clear", "clearQueue",
              "Cancel the named items, as far as they still wait in this queue. Their files are kept.",
              "ClearedQueue", &clear_queue))));
  table.push_back(with_items(control("POST", "/api/failure-recovery/restore", "restoreItems",
                                     "Let the named items go on that were cancelled.", "RestoredItems",
                                     &restore_items)));
  Route restart = control("POST", "/api/failure-recovery/workers/{worker}/restart", "restartWorkers",
                          "End worker processes; new ones are started for the next work. What they did is tried again.",
                          "RestartedWorkers", &restart_workers);
  restart.parameters = {{"worker", "path", "string", "media, speech, language, embedding, or a process's number."}};
  restart.replies.push_back({404, "There is no such worker process.", "application/problem+json", "Problem"});
  table.push_back(std::move(restart));
  table.push_back(control("POST", "/api/failure-recovery/cache/clear", "clearCache",
                          "Answer nothing more that was cached until now.", "ClearedCache", &clear_cache));
}

}  // namespace holdfast::web
