#include <boost/json.hpp>

#include "flow/views/recovery_view.hpp"
#include "guard/alert_view.hpp"
#include "web/body_fields.hpp"
#include "web/routes/routes.hpp"

/// The queues as a whole, and recovery by hand. Items: recovery_items.cpp; dead letters: dead_letters.cpp.
namespace holdfast::web {
namespace {

namespace json = boost::json;

constexpr std::size_t kGroupsShown = 5;

json::object redrive_counts(Context* context) {
  std::uint64_t running = 0;
  for (const auto& redrive : context->deps.redriver.all()) running += redrive.state == "running" ? 1 : 0;
  return {{"running", running}};
}

json::object dead_letter_counts(std::vector<DeadLetterGroup> groups) {
  std::uint64_t count = 0;
  for (const DeadLetterGroup& group : groups) count += group.count;
  if (groups.size() > kGroupsShown) groups.resize(kGroupsShown);
  return {{"count", count}, {"groups", views::group_objects(groups)}};
}

Task<Result<Response>> system_overview(Context* context, Exchange* /*exchange*/) {
  HF_CO_TRY(const auto stats, co_await context->store().queue_stats());
  HF_CO_TRY(auto groups, co_await context->store().dead_letter_groups({}));
  HF_CO_TRY(json::object body, co_await context->deps.status());
  const json::object health = context->deps.health();
  body["status"] = health.at("status");
  body["queues"] = views::queue_objects(stats);
  body["dead_letters"] = dead_letter_counts(std::move(groups));
  body["redrives"] = redrive_counts(context);
  if (context->deps.alerts != nullptr) body["alerts"] = guard::active_array(*context->deps.alerts);
  body["recovery"] = views::figures_object(context->deps.recovery.figures());
  co_return json_response(200, body);
}

Task<Result<Response>> queue_stats(Context* context, Exchange* /*exchange*/) {
  HF_CO_TRY(const auto stats, co_await context->store().queue_stats());
  co_return json_response(200, json::object{{"data", views::queue_objects(stats)}});
}

/// A queue with nothing in it is a queue; a kind of stage that no program knows is none.
Result<void> check_kind(const std::string& kind) {
  const auto kinds = recovery::rule_kinds();
  if (std::ranges::find(kinds, kind) != kinds.end()) return {};
  return fail(ErrorClass::not_found, "HF-QUE-01", "there is no queue of that type");
}

Task<Result<Response>> queue_stats_of(Context* context, Exchange* exchange) {
  const std::string kind = exchange->path_values["queue_type"];
  HF_CO_TRY_VOID(check_kind(kind));
  HF_CO_TRY(const auto stats, co_await context->store().queue_stats());
  const auto found = std::ranges::find(stats, kind, &QueueStats::kind);
  const QueueStats queue = found != stats.end() ? *found : QueueStats{.kind = kind};
  json::object body = views::queue_object(queue);
  HF_CO_TRY(const auto groups, co_await context->store().dead_letter_groups({.kind = kind}));
  body["dead_letters"] = views::group_objects(groups);
  co_return json_response(200, body);
}

Task<Result<Response>> trigger_recovery(Context* context, Exchange* exchange) {
  HF_CO_TRY(const Recovered done, co_await context->deps.recovery.recover_now(exchange->path_values["queue_type"]));
  co_return json_response(200, json::object{{"queue_type", exchange->path_values["queue_type"]},
                                            {"interrupted", done.interrupted},
                                            {"stuck", done.stuck},
                                            {"released", done.released}});
}

json::object taken_object(const retention::Taken& taken) {
  return {{"files", taken.files},   {"results", taken.results}, {"dead_letters", taken.dead_letters},
          {"items", taken.items},   {"trails", taken.trails},   {"management_lines", taken.lines},
          {"pages", taken.pages},   {"more", taken.more}};
}

Task<Result<Response>> clean_up(Context* context, Exchange* exchange) {
  HF_CO_TRY(const json::object body, co_await read_json(exchange));
  HF_CO_TRY_VOID(only_fields(body, {"dry_run"}));
  HF_CO_TRY(const bool dry_run, flag_field(body, "dry_run", false));
  HF_CO_TRY(const Swept swept, co_await context->deps.recovery.sweep_now(dry_run));
  co_return json_response(200, json::object{{"dry_run", dry_run},
                                            {"staged_removed", swept.staged},
                                            {"orphans", swept.orphans},
                                            {"suspects", swept.suspects},
                                            {"retention", taken_object(swept.taken)}});
}

json::object jobs_by_status(const std::vector<QueueCount>& counts) {
  std::map<std::string, std::uint64_t> sums;
  for (const QueueCount& count : counts) sums[std::string{to_word(count.status)}] += count.jobs;
  json::object out;
  for (const auto& [status, jobs] : sums) out[status] = jobs;
  return out;
}

Task<Result<Response>> recovery_metrics(Context* context, Exchange* /*exchange*/) {
  HF_CO_TRY(const auto counts, co_await context->store().counts());
  HF_CO_TRY(const auto stats, co_await context->store().queue_stats());
  HF_CO_TRY(auto groups, co_await context->store().dead_letter_groups({}));
  const json::object dead = dead_letter_counts(std::move(groups));
  co_return json_response(200,
                          json::object{{"jobs", jobs_by_status(counts)},
                                       {"queues", views::queue_objects(stats)},
                                       {"dead_letters", dead.at("count")},
                                       {"redrives_running", redrive_counts(context).at("running")},
                                       {"recovery", views::figures_object(context->deps.recovery.figures())}});
}

constexpr Parameter kQueueType{"queue_type", "path", "convert|transcribe|generate|complete|embed",
                               "The kind of stage."};
constexpr Reply kNoQueueOfType{404, "There is no queue of that type.", "application/problem+json", "Problem"};

void add_queue_routes(std::vector<Route>& table) {
  table.push_back({.method = "GET",
                   .path = "/api/failure-recovery/queue-stats",
                   .operation = "listQueueStats",
                   .summary = "How many items wait, are worked on and failed, by kind of stage.",
                   .replies = {{200, "One entry for each queue in use.", "application/json", "QueueStatsList"}},
                   .handler = &queue_stats,
                   .access = Access::superuser});
  table.push_back({.method = "GET",
                   .path = "/api/failure-recovery/queue-stats/{queue_type}",
                   .operation = "getQueueStats",
                   .summary = "One queue, with its dead letters by cause.",
                   .parameters = {kQueueType},
                   .replies = {{200, "The queue.", "application/json", "QueueStats"}, kNoQueueOfType},
                   .handler = &queue_stats_of,
                   .access = Access::superuser});
  table.push_back({.method = "POST",
                   .path = "/api/failure-recovery/recovery/{queue_type}/trigger",
                   .operation = "triggerRecovery",
                   .summary = "Recover now what recovery finds by itself now and then: lost leases, attempts that get "
                              "no further, items held for something that is back.",
                   .parameters = {kQueueType},
                   .replies = {{200, "What was found and dealt with.", "application/json", "Recovered"},
                               kNoQueueOfType},
                   .handler = &trigger_recovery,
                   .access = Access::superuser});
}

}  // namespace

void add_failure_recovery_routes(std::vector<Route>& table) {
  table.push_back({.method = "GET",
                   .path = "/api/failure-recovery/system-overview",
                   .operation = "getSystemOverview",
                   .summary = "Queues, dead letters, redrives, services, workers and memory at one look.",
                   .replies = {{200, "As it is now.", "application/json", "SystemOverview"}},
                   .handler = &system_overview,
                   .access = Access::superuser});
  add_queue_routes(table);
  add_recovery_item_routes(table);
  table.push_back({.method = "POST",
                   .path = "/api/failure-recovery/cleanup",
                   .operation = "cleanUp",
                   .summary = "Remove what is no longer kept, half uploads, and files that no item needs. Such a file "
                              "goes only when it was found unneeded an hour ago as well, or its item says that it is "
                              "gone.",
                   .bodies = {{"application/json", "DryRun"}},
                   .replies = {{200, "What was removed, or would be.", "application/json", "CleanedUp"}},
                   .handler = &clean_up,
                   .access = Access::superuser});
  table.push_back({.method = "GET",
                   .path = "/api/failure-recovery/metrics",
                   .operation = "getRecoveryMetrics",
                   .summary = "Figures of queues, dead letters and recovery, for programs.",
                   .replies = {{200, "As they are now; those of recovery since the server started.", "application/json",
                                "RecoveryMetrics"}},
                   .handler = &recovery_metrics,
                   .access = Access::superuser});
}

}  // namespace holdfast::web
