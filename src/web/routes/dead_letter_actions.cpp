#include <boost/json.hpp>

#include "flow/recovery/by_hand.hpp"
#include "flow/recovery/redrive.hpp"
#include "flow/views/recovery_view.hpp"
#include "web/body_fields.hpp"
#include "web/dead_letter_request.hpp"
#include "web/routes/routes.hpp"

namespace holdfast::web {
namespace {

namespace json = boost::json;

constexpr std::size_t kStageNameMax = 200;
constexpr unsigned kPerMinuteMost = 10'000;
constexpr unsigned kPurgeMost = 1'000;  ///< in one request, which must end

Task<Result<Response>> retry_one(Context* context, Exchange* exchange) {
  HF_CO_TRY(const json::object body, co_await read_json(exchange));
  HF_CO_TRY_VOID(only_fields(body, {"from_stage"}));
  HF_CO_TRY(std::string from_stage, text_field(body, "from_stage", kStageNameMax));
  HF_CO_TRY(const Job job, co_await find_dead_letter(context, exchange));
  HF_CO_TRY(const Job changed, co_await context->deps.engine.retry(job.id, std::move(from_stage)));
  co_return json_response(200, shown_dead_letter(context, changed));
}

Task<Result<Response>> discard_one(Context* context, Exchange* exchange) {
  HF_CO_TRY(const json::object body, co_await read_json(exchange));
  HF_CO_TRY_VOID(only_fields(body, {"reason"}));
  HF_CO_TRY(std::string reason, reason_of(body));
  HF_CO_TRY(const Job job, co_await find_dead_letter(context, exchange));
  auto discarding = context->deps.recovery.discard(job.id, exchange->principal.owner, std::move(reason));
  HF_CO_TRY(const Job changed, co_await std::move(discarding));
  co_return json_response(200, shown_dead_letter(context, changed));
}

Task<Result<Response>> enter_result(Context* context, Exchange* exchange) {
  HF_CO_TRY(const json::object body, co_await read_json(exchange));
  HF_CO_TRY_VOID(only_fields(body, {"results"}));
  HF_CO_TRY(const json::object results, object_field(body, "results"));
  HF_CO_TRY(const Job job, co_await find_dead_letter(context, exchange));
  const auto& recipes = context->deps.intake.recipes;
  const auto known = recipes.find(job.recipe);
  const Recipe recipe = known != recipes.end() ? known->second : Recipe{.name = job.recipe};
  const recovery::Hand hand{.who = exchange->principal.owner, .at = context->clock().wall_now()};
  HF_CO_TRY(decide::ByHand made, recovery::by_hand(job, recipe, results, hand));
  HF_CO_TRY(const Job changed, co_await context->deps.recovery.complete_by_hand(job.id, std::move(made)));
  co_return json_response(200, shown_dead_letter(context, changed));
}

Task<Result<Response>> retry_many(Context* context, Exchange* exchange) {
  HF_CO_TRY(const json::object body, co_await read_json(exchange));
  HF_CO_TRY_VOID(only_fields(body, {"filter", "from_stage", "per_minute", "dry_run"}));
  HF_CO_TRY(DeadLetterFilter filter, filter_of_body(body));
  HF_CO_TRY(std::string from_stage, text_field(body, "from_stage", kStageNameMax));
  HF_CO_TRY(const unsigned per_minute, count_field(body, "per_minute", kPerMinuteMost));
  HF_CO_TRY(const bool dry_run, flag_field(body, "dry_run", false));
  if (dry_run) {
    HF_CO_TRY(const json::object shown, co_await preview(context, std::move(filter)));
    co_return json_response(200, shown);
  }
  recovery::Redriver::Request request{.filter = std::move(filter),
                                      .from_stage = std::move(from_stage),
                                      .per_minute = per_minute,
                                      .who = exchange->principal.owner};
  HF_CO_TRY(const recovery::Redrive begun, co_await context->deps.redriver.begin(std::move(request)));
  co_return make_response(202, "application/json", recovery::to_json(begun) + "\n")
      .with("Location", "/api/failure-recovery/redrives/" + begun.id);
}

/// Gives up what matches, at most kPurgeMost. Items that changed meanwhile are left alone.
Task<Result<std::uint64_t>> purge_some(Context* context, DeadLetterFilter filter, std::string who, std::string reason) {
  DeadLetterQuery query{.filter = std::move(filter), .limit = kPurgeMost};
  HF_CO_TRY(const auto jobs, co_await context->store().dead_letters(std::move(query)));
  std::uint64_t discarded = 0;
  for (const Job& job : jobs) {
    auto discarding = context->deps.recovery.discard(job.id, who, reason);
    const auto done = co_await std::move(discarding);
    const bool changed_meanwhile = !done && done.error().error_class() == ErrorClass::conflict;
    if (!done && !changed_meanwhile) co_return std::unexpected(done.error());
    discarded += done ? 1 : 0;
  }
  co_return discarded;
}

Task<Result<Response>> purge(Context* context, Exchange* exchange) {
  HF_CO_TRY(const json::object body, co_await read_json(exchange));
  HF_CO_TRY_VOID(only_fields(body, {"filter", "reason", "dry_run"}));
  HF_CO_TRY(const DeadLetterFilter filter, filter_of_body(body));
  HF_CO_TRY(const bool dry_run, flag_field(body, "dry_run", true));
  if (dry_run) {
    HF_CO_TRY(const json::object shown, co_await preview(context, filter));
    co_return json_response(200, shown);
  }
  HF_CO_TRY(std::string reason, reason_of(body));
  auto purging = purge_some(context, filter, exchange->principal.owner, std::move(reason));
  HF_CO_TRY(const std::uint64_t discarded, co_await std::move(purging));
  HF_CO_TRY(const json::object left, co_await preview(context, filter));
  co_return json_response(
      200, json::object{{"dry_run", false}, {"discarded", discarded}, {"remaining", left.at("matched")}});
}

const Reply kConflict{409, "Not possible in the state the item is in.", "application/problem+json", "Problem"};

void add_bulk_routes(std::vector<Route>& table) {
  table.push_back({.method = "POST",
                   .path = "/api/failure-recovery/dead-letters/retry",
                   .operation = "retryDeadLetters",
                   .summary = "Retry all that match, at once or a portion a minute; look first with dry_run.",
                   .bodies = {{"application/json", "BulkRetry"}},
                   .replies = {{200, "What it would be about; nothing was changed.", "application/json", "Preview"},
                               {202, "Begun; Location tells how far it is.", "application/json", "Redrive"}},
                   .handler = &retry_many,
                   .access = Access::superuser});
  table.push_back({.method = "POST",
                   .path = "/api/failure-recovery/dead-letters/purge",
                   .operation = "purgeDeadLetters",
                   .summary = "Give up all that match, at most 1,000 in one request. Only looks unless dry_run is "
                              "false.",
                   .bodies = {{"application/json", "Purge"}},
                   .replies = {{200, "What it would be about, or what was done.", "application/json", "Preview"}},
                   .handler = &purge,
                   .access = Access::superuser});
}

}  // namespace

void add_dead_letter_action_routes(std::vector<Route>& table) {
  add_bulk_routes(table);
  table.push_back({.method = "POST",
                   .path = "/api/failure-recovery/dead-letters/{id}/retry",
                   .operation = "retryDeadLetter",
                   .summary = "Work on it again, from where it stopped or from a named stage, which pulls the later "
                              "ones along.",
                   .parameters = {kItemId},
                   .bodies = {{"application/json", "Retry"}},
                   .replies = {{200, "The item, waiting again.", "application/json", "ListedItem"},
                               kNoSuchItem,
                               kConflict,
                               {422, "It has no such stage.", "application/problem+json", "Problem"}},
                   .handler = &retry_one,
                   .access = Access::superuser});
  table.push_back({.method = "POST",
                   .path = "/api/failure-recovery/dead-letters/{id}/discard",
                   .operation = "discardDeadLetter",
                   .summary = "Give it up. Its owner sees why; its history stays, its file and finished stages do not.",
                   .parameters = {kItemId},
                   .bodies = {{"application/json", "Discard"}},
                   .replies = {{200, "The item.", "application/json", "ListedItem"}, kNoSuchItem, kConflict},
                   .handler = &discard_one,
                   .access = Access::superuser});
  table.push_back({.method = "POST",
                   .path = "/api/failure-recovery/dead-letters/{id}/result",
                   .operation = "enterResult",
                   .summary = "Enter by hand what the stages could not make. The item is completed, and its results "
                              "say who entered them.",
                   .parameters = {kItemId},
                   .bodies = {{"application/json", "ByHand"}},
                   .replies = {{200, "The item, completed.", "application/json", "ListedItem"},
                               kNoSuchItem,
                               kConflict,
                               {422, "The results do not fit.", "application/problem+json", "Problem"}},
                   .handler = &enter_result,
                   .access = Access::superuser});
}

}  // namespace holdfast::web
