#include "web/dialect/call.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/json.hpp>

#include "core/catalogue/catalogue.hpp"
#include "core/job/attach.hpp"
#include "core/job/decide.hpp"
#include "flow/intake/attach.hpp"
#include "web/dialect/error.hpp"
#include "web/upload_form.hpp"
#include "web/wait_event.hpp"

namespace holdfast::web::dialect {
namespace {

using namespace asio::experimental::awaitable_operators;
namespace json = boost::json;

constexpr std::string_view kComment = ": still being worked on\n\n";

enum class Waited : std::uint8_t { rests, time_up, client_gone, stopping };

/// Nothing is done for it for now: it is over, or what it needs is away.
bool rests(const Job& job) { return is_terminal(job.status) || !job.held_for.empty(); }

/// Reads the item anew.
Task<Result<void>> look(Context* context, Pending* pending) {
  HF_CO_TRY(auto found, co_await context->store().find(pending->job.id));
  if (!found) co_return fail(ErrorClass::not_found, "HF-ITM-06", "there is no such item");
  pending->job = *std::move(found);
  co_return Result<void>{};
}

/// The next thing that may concern the item. `line`: set to nothing when it is of no use any more.
Task<Result<Waited>> wait_once(Context* context, ClientLine** line, Pending* pending, StopSignal::Bell* bell,
                               MonoTime until) {
  std::optional<views::LiveEvent> happened;
  bool unsure = false;
  auto event = wait_event(pending->subscription.get(), bell, until);
  if (*line == nullptr) {
    HF_CO_TRY(happened, co_await std::move(event));
  } else {
    auto stirred = (*line)->stirred();
    auto first = co_await (std::move(event) || std::move(stirred));
    if (first.index() == 0) {
      HF_CO_TRY(happened, std::get<0>(std::move(first)));
    } else {
      if ((*line)->closed()) co_return Waited::client_gone;
      *line = nullptr;  // it sends its next request already
      unsure = true;    // an event may have been taken and dropped at this very moment
    }
  }
  unsure = pending->subscription->take_lost() || unsure;
  const bool own = happened && happened->seq != 0 && happened->item == pending->job.id;
  if (unsure || own) HF_CO_TRY_VOID(co_await look(context, pending));
  co_return rests(pending->job) ? Waited::rests : Waited::time_up;
}

Task<Result<Waited>> wait(Context* context, ClientLine* line, Pending* pending, MonoTime until) {
  StopSignal::Bell bell{context->stop, context->clock()};
  while (!rests(pending->job)) {
    if (context->stop.stopping()) co_return Waited::stopping;
    if (context->clock().mono_now() >= until) co_return Waited::time_up;
    HF_CO_TRY(const Waited waited, co_await wait_once(context, &line, pending, &bell, until));
    if (waited == Waited::client_gone) co_return waited;
  }
  co_return Waited::rests;
}

/// Why the item gives no answer now. Nothing: it is completed.
std::optional<Error> trouble(const Job& job, Waited waited) {
  if (job.status == JobStatus::completed) return std::nullopt;
  if (job.status == JobStatus::cancelled) return Error{ErrorClass::conflict, "HF-OAI-04", ""};
  const auto as_listed = [](const std::string& code) {
    const catalogue::Entry& entry = catalogue::describe(code);
    return Error{entry.cls, entry.code, ""};
  };
  if (job.status == JobStatus::failed) return as_listed(job.error ? job.error->code : "");
  if (!job.held_for.empty()) return as_listed(job.held_for);
  if (waited == Waited::stopping) return Error{ErrorClass::overloaded, "HF-SRV-02", ""};
  return Error{ErrorClass::transient, "HF-OAI-03", ""};
}

/// If this is not written, the same is answered once more to an equal call.
Task<void> note_answered(Context* context, ItemId item) {
  const Decide answered = [](const Job& job, WallTime now) { return decide::answered(job, "answered", now); };
  (void)co_await context->store().update(std::move(item), answered);
}

bool is_to_be_noted(const Job& job) { return is_terminal(job.status) && attach::is_own_key(job.job_key); }

Task<Result<Response>> render(Context* context, const Job* job, const Rendering* rendering) {
  HF_CO_TRY(const ItemRecord record, co_await read_record(context, job->id));
  if (!rendering->stream) co_return rendering->whole(record);
  HF_CO_TRY(std::string events, rendering->events(record));
  co_return make_response(200, "text/event-stream; charset=utf-8", std::move(events));
}

/// The answer as things stand.
Task<Result<Response>> conclude(Context* context, const Job* job, Waited waited, const Rendering* rendering) {
  auto said = trouble(*job, waited);
  const Again again = is_terminal(job->status) ? Again::never : Again::as_the_code_says;
  Response response;
  if (said) {
    response = to_openai_error(*said, again);
  } else {
    auto rendered = co_await render(context, job, rendering);
    response = rendered ? *std::move(rendered) : to_openai_error(rendered.error(), again);
  }
  response.with("X-Holdfast-Item", job->id.text());
  if (is_to_be_noted(*job)) response.had = [context, id = job->id] { return note_answered(context, id); };
  co_return response;
}

/// A stream that has begun: comments until the item rests, then all of its events.
Task<Result<void>> follow(Context* context, Pending pending, Rendering rendering, MonoTime deadline, bool* whole,
                          ResponseSink* sink) {
  Waited waited = Waited::time_up;
  while (waited == Waited::time_up && context->clock().mono_now() < deadline) {
    std::string comment{kComment};
    HF_CO_TRY_VOID(co_await sink->write(std::move(comment)));
    const MonoTime beat = std::min(deadline, context->clock().mono_now() + context->config.beat_every);
    HF_CO_TRY(waited, co_await wait(context, nullptr, &pending, beat));
  }
  std::string events;
  if (const auto said = trouble(pending.job, waited)) {
    events = to_error_event(*said);
  } else {
    HF_CO_TRY(const ItemRecord record, co_await read_record(context, pending.job.id));
    auto rendered = rendering.events(record);
    events = rendered ? *std::move(rendered) : to_error_event(rendered.error());
  }
  *whole = is_to_be_noted(pending.job);
  co_return co_await sink->write(std::move(events));
}

Task<Result<void>> follow_while_there(Context* context, Pending pending, Rendering rendering, MonoTime deadline,
                                      std::shared_ptr<bool> whole, EventSlots::Slot place, ResponseSink* sink) {
  const EventSlots::Slot held = std::move(place);
  auto following = follow(context, std::move(pending), std::move(rendering), deadline, whole.get(), sink);
  auto gone = sink->peer_gone();
  auto first = co_await (std::move(following) || std::move(gone));
  if (first.index() == 0) co_return std::get<0>(std::move(first));
  co_return fail(ErrorClass::transient, "HF-REQ-09", "the client is gone");
}

Task<void> note_if_whole(Context* context, ItemId item, std::shared_ptr<bool> whole) {
  if (*whole) co_await note_answered(context, std::move(item));
}

Response begin_stream(Context* context, Pending pending, Rendering rendering, MonoTime deadline,
                      EventSlots::Slot place) {
  Response response = make_response(200, "text/event-stream; charset=utf-8", {});
  response.with("Cache-Control", "no-store, no-transform").with("X-Accel-Buffering", "no");
  response.with("X-Holdfast-Item", pending.job.id.text());
  const auto whole = std::make_shared<bool>(false);  // shared: the stream finds out what is done after it
  response.had = [context, id = pending.job.id, whole] { return note_if_whole(context, id, whole); };
  response.stream = [context, pending = std::move(pending), rendering = std::move(rendering), deadline, whole,
                     place = std::move(place)](ResponseSink* sink) mutable {
    return follow_while_there(context, std::move(pending), std::move(rendering), deadline, whole, std::move(place),
                              sink);
  };
  return response;
}

Response not_held(const Job& job) {
  const Error many{ErrorClass::overloaded, "HF-OAI-05", "too many calls are held"};
  return to_openai_error(many).with("X-Holdfast-Item", job.id.text());
}

}  // namespace

Result<void> take_key(Exchange* exchange, intake::Form& form, std::string own) {
  const std::string given = exchange->head.field("idempotency-key");
  if (given.empty()) {
    form.job_key = std::move(own);
    return {};
  }
  HF_TRY(form.job_key, parse_job_key(given));
  return {};
}

Task<Result<Pending>> take_text(Context* context, Exchange* exchange, TextCall call) {
  intake::Form form{.owner = exchange->principal.owner, .recipe = call.recipe};
  std::string own = std::string{attach::kStem} + call.endpoint + "/" + context->deps.digest(call.text);
  HF_CO_TRY_VOID(take_key(exchange, form, std::move(own)));
  // Before the item is recorded: nothing of it can be missed.
  Pending pending{.subscription = context->deps.hub.subscribe(form.owner)};
  if (attach::is_own_key(form.job_key)) {
    auto attaching =
        intake::attach(context->deps.intake, form.owner, form.job_key, context->config.dialect.attach_within);
    HF_CO_TRY(auto earlier, co_await std::move(attaching));
    if (earlier) {
      pending.job = *std::move(earlier);
      co_return pending;
    }
  }
  auto accepting = intake::accept_text(context->deps.intake, std::move(form), std::move(call.text));
  HF_CO_TRY(auto enqueued, co_await std::move(accepting));
  if (enqueued.created) context->deps.engine.wake(enqueued.job);
  pending.job = std::move(enqueued.job);
  co_return pending;
}

Task<Result<Response>> answer(Context* context, Exchange* exchange, Pending pending, Rendering rendering) {
  auto place = context->calls.enter(exchange->principal.owner);
  if (!place && !rests(pending.job)) co_return not_held(pending.job);
  const MonoTime now = context->clock().mono_now();
  const MonoTime deadline = now + context->config.dialect.wait_max;
  // The head of a stream that has to wait is sent only then: until that an error is a status as everywhere.
  const MonoTime until = rendering.stream ? std::min(deadline, now + context->config.beat_every) : deadline;
  auto waiting = wait(context, exchange->line, &pending, until);
  HF_CO_TRY(const Waited waited, co_await std::move(waiting));
  if (rendering.stream && waited == Waited::time_up && until < deadline)
    co_return begin_stream(context, std::move(pending), std::move(rendering), deadline, *std::move(place));
  auto concluding = conclude(context, &pending.job, waited, &rendering);
  co_return co_await std::move(concluding);
}

Result<json::object> result_of(const ItemRecord& record, std::string_view name) {
  const auto found = std::ranges::find(record.results, name, &StoredResult::name);
  if (found == record.results.end()) return fail(ErrorClass::not_found, "HF-ITM-09", "the answer is no longer kept");
  boost::system::error_code bad;
  json::value value = json::parse(found->json, bad);
  if (bad || !value.is_object()) return fail(ErrorClass::corrupt, "HF-STO-03", "a stored result cannot be read");
  return std::move(value.get_object());
}

}  // namespace holdfast::web::dialect
