#include <algorithm>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <charconv>

#include "web/event_feed.hpp"
#include "web/routes/routes.hpp"

namespace holdfast::web {
namespace {

using namespace asio::experimental::awaitable_operators;

constexpr Parameter kAfter{"after", "query", "integer",
                           "Number of the last event you have; Last-Event-ID does the same."};
constexpr Parameter kLastEventId{"Last-Event-ID", "header", "integer", "Number of the last event you have."};

Result<std::optional<std::uint64_t>> parse_after(Exchange* exchange) {
  const std::string header = exchange->head.field("last-event-id");
  const std::string text = header.empty() ? exchange->target.query_value("after") : header;
  if (text.empty()) return std::optional<std::uint64_t>{};
  std::uint64_t seq = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), seq);
  if (problem != std::errc{} || end != text.data() + text.size()) {
    return fail(ErrorClass::invalid, "HF-REQ-01", "the number of the last event is not a number");
  }
  return std::optional<std::uint64_t>{seq};
}

/// A stream is open for at most so long: its client comes again by itself, and is looked at again.
constexpr milliseconds kStreamMax{15 * 60'000};
/// Where nobody logs in.
constexpr std::chrono::days kNoEnd{365};

MonoTime end_of(Context* context, const Principal& who) {
  const MonoTime now = context->clock().mono_now();
  if (!who.until) return now + kNoEnd;
  const milliseconds rest = *who.until - context->clock().wall_now();
  return now + std::clamp(rest, milliseconds{0}, kStreamMax);
}

/// Ends when the server stops, the client is gone, or what it showed is over, whichever comes first.
Task<Result<void>> stream(Context* context, FeedFilter filter, EventSlots::Slot slot, MonoTime end,
                          ResponseSink* sink) {
  const EventSlots::Slot held = std::move(slot);
  EventFeed feed{*context, std::move(filter), *sink};
  auto run = feed.run();
  auto gone = sink->peer_gone();
  auto over = context->clock().sleep_until(end);
  auto first = co_await (std::move(run) || std::move(gone) || std::move(over));
  if (first.index() == 0) co_return std::get<0>(std::move(first));
  if (first.index() == 2) co_return Result<void>{};
  co_return fail(ErrorClass::transient, "HF-REQ-09", "the client is gone");
}

Result<Response> open_stream(Context* context, Exchange* exchange, FeedFilter filter) {
  HF_TRY(filter.after, parse_after(exchange));
  auto slot = context->slots.enter(exchange->principal.owner);
  if (!slot) return fail(ErrorClass::overloaded, "HF-REQ-05", "too many event streams are open");
  Response response = make_response(200, "text/event-stream; charset=utf-8", {});
  response.with("Cache-Control", "no-store, no-transform").with("X-Accel-Buffering", "no");
  const MonoTime end = end_of(context, exchange->principal);
  response.stream = [context, filter = std::move(filter), held = *std::move(slot),
                     end](ResponseSink* sink) mutable {
    return stream(context, std::move(filter), std::move(held), end, sink);
  };
  return response;
}

Task<Result<Response>> all_events(Context* context, Exchange* exchange) {
  co_return open_stream(context, exchange,
                         {.owner = exchange->principal.owner, .alerts = exchange->principal.superuser});
}

Task<Result<Response>> item_events(Context* context, Exchange* exchange) {
  HF_CO_TRY(const Job job, co_await find_item(context, exchange));
  co_return open_stream(context, exchange, {.owner = job.owner, .item = job.id});
}

}  // namespace

void add_event_routes(std::vector<Route>& table) {
  const Reply events{200, "Server-sent events, each a CloudEvent; a comment comes every 15 s.",
                     "text/event-stream", ""};
  const Reply too_many{429, "Too many streams are open.", "application/problem+json", "Problem"};
  table.push_back({.method = "GET",
                   .path = "/api/v1/events",
                   .operation = "streamEvents",
                   .summary = "Everything that happens to your items, as it happens; for superusers also alerts.",
                   .parameters = {kAfter, kLastEventId},
                   .replies = {events, too_many},
                   .handler = &all_events});
  table.push_back({.method = "GET",
                   .path = "/api/v1/items/{id}/events",
                   .operation = "streamItemEvents",
                   .summary = "Everything that happens to one item, as it happens.",
                   .parameters = {kItemId, kAfter, kLastEventId},
                   .replies = {events, kNoSuchItem, too_many},
                   .handler = &item_events});
}

}  // namespace holdfast::web
