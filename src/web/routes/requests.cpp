#include <boost/json.hpp>

#include "core/catalogue/catalogue.hpp"
#include "web/body_fields.hpp"
#include "web/prefer.hpp"
#include "web/problem.hpp"
#include "web/routes/routes.hpp"
#include "web/upload_form.hpp"
#include "web/wait_event.hpp"

namespace holdfast::web {
namespace {

namespace json = boost::json;

constexpr std::size_t kWordBytesMax = 200;
/// So long a sender is asked to wait when nothing that the recipe needs answers (FG_6).
constexpr unsigned kRetryAfterLastResort = 300;

/// What a request in words says of how it is to be done.
Result<intake::Form> form_of(Exchange* exchange, const json::object& body) {
  HF_TRY_VOID(only_fields(body, {"text", "mode", "job_id"}));
  UploadForm form;
  for (const char* name : {"mode", "job_id"}) {
    HF_TRY(auto value, text_field(body, name, kWordBytesMax));
    HF_TRY_VOID(form.take_field(name, std::move(value)));
  }
  if (const auto key = exchange->head.field("idempotency-key"); !key.empty()) {
    HF_TRY(auto parsed, parse_job_key(key));
    HF_TRY_VOID(form.take_field("job_id", std::move(parsed)));
  }
  form.form.recipe = exchange->path_values["recipe"];
  form.form.owner = exchange->principal.owner;
  return std::move(form.form);
}

/// Nothing is done for it for now: it is over, or what it needs is away.
bool rests(const Job& job) { return is_terminal(job.status) || !job.held_for.empty(); }

/// Waits until the item rests, at most so long.
Task<Result<Job>> wait_until_it_rests(Context* context, Job job, views::EventHub::Subscription* subscription,
                                      int seconds) {
  StopSignal::Bell bell{context->stop, context->clock()};
  const MonoTime deadline = context->clock().mono_now() + std::chrono::seconds{seconds};
  while (!rests(job)) {
    HF_CO_TRY(const auto event, co_await wait_event(subscription, &bell, deadline));
    const bool lost = subscription->take_lost();
    if (!event) break;
    if (!lost && event->item != job.id) continue;
    HF_CO_TRY(auto found, co_await context->store().find(job.id));
    if (found) job = *std::move(found);
  }
  co_return job;
}

/// What is told of an item that could not be answered: the problem, and where the item is.
Response problem_of(const Job& job, const std::string& code, std::string_view request_id,
                    std::optional<unsigned> retry_after_s) {
  const Error error{catalogue::describe(code).cls, code, ""};
  Response response = to_problem(error, request_id, retry_after_s);
  json::object body = json::parse(response.body).as_object();
  body["item"] = "/api/v1/items/" + job.id.text();
  body["id"] = job.id.text();
  response.body = json::serialize(body) + "\n";
  return response;
}

Task<Result<Response>> answer(Context* context, Exchange* exchange, Job job) {
  const std::string place = "/api/v1/items/" + job.id.text();
  if (job.status == JobStatus::failed && job.error)
    co_return problem_of(job, job.error->code, exchange->request_id, std::nullopt).with("Location", place);
  const bool waits = job.status == JobStatus::pending && !job.held_for.empty();
  if (waits && context->deps.in_last_resort && context->deps.in_last_resort(job.recipe))
    co_return problem_of(job, "HF-MOD-01", exchange->request_id, kRetryAfterLastResort).with("Location", place);
  HF_CO_TRY(const ItemRecord record, co_await read_record(context, job.id));
  co_return json_response(is_terminal(record.job.status) ? 200 : 202, shown_item(context, record))
      .with("Location", place);
}

Task<Result<Response>> create_request(Context* context, Exchange* exchange) {
  HF_CO_TRY(const json::object body, co_await read_json(exchange));
  HF_CO_TRY(std::string text, text_field(body, "text", std::numeric_limits<std::size_t>::max()));
  HF_CO_TRY(intake::Form form, form_of(exchange, body));
  // Before the item is recorded: nothing of it can be missed.
  auto subscription = context->deps.hub.subscribe(form.owner);
  auto accepting = intake::accept_text(context->deps.intake, std::move(form), std::move(text));
  HF_CO_TRY(auto enqueued, co_await std::move(accepting));
  if (enqueued.created) context->deps.engine.wake(enqueued.job);
  const int seconds = wait_of(exchange->head.field("prefer")).value_or(kWaitMax);
  auto waiting = wait_until_it_rests(context, std::move(enqueued.job), subscription.get(), seconds);
  HF_CO_TRY(Job job, co_await std::move(waiting));
  HF_CO_TRY(auto response, co_await answer(context, exchange, std::move(job)));
  if (!enqueued.created) response.with("Idempotency-Replayed", "true");
  co_return response;
}

}  // namespace

void add_request_routes(std::vector<Route>& table) {
  const std::string_view problem = "application/problem+json";
  table.push_back(
      {.method = "POST",
       .path = "/api/v1/recipes/{recipe}/requests",
       .operation = "createRequest",
       .summary = "Hand in a request in words, and wait for its answer.",
       .parameters = {{"recipe", "path", "string", "A recipe that takes text."},
                      {"Prefer", "header", "string",
                       "wait=10: hold the answer at most so many seconds (30); respond-async: not at all."},
                      {"Idempotency-Key", "header", "string",
                       "As job_id: asking again with the same key gives the same item, and works once."}},
       .bodies = {{"application/json", "TextRequest"}},
       .replies = {{200, "The item with its result.", "application/json", "Item"},
                   {202, "It is saved and being worked on; Location says where it is.", "application/json", "Item"},
                   {413, "The text is longer than 64 KiB.", problem, "Problem"},
                   {415, "The recipe does not take text.", problem, "Problem"},
                   {422, "No such recipe or mode, or the item failed for good.", problem, "Problem"},
                   {503, "Nothing that it needs answers; the item is saved and waits.", problem, "Problem"}},
       .handler = &create_request});
}

}  // namespace holdfast::web
