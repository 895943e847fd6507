#include "web/event_feed.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>

#include "flow/views/item_view.hpp"
#include "flow/views/json_text.hpp"
#include "web/alert_event.hpp"
#include "web/wait_event.hpp"

namespace holdfast::web {
namespace {

namespace json = boost::json;

constexpr std::string_view kOpening = "retry: 3000\n: holdfast\n\n";
constexpr std::string_view kBeat = ": beat\n\n";
constexpr std::string_view kResync = "event: holdfast.stream.resync\ndata: {}\n\n";
constexpr std::uint64_t kGoodbyeJitterMs = 3000;

views::LiveEvent to_live(const StoredEvent& event) {
  return {.seq = event.seq,
          .item = event.item,
          .owner = event.owner,
          .type = event.entry.type,
          .stage = event.entry.stage,
          .detail = event.entry.detail,
          .status = std::string{to_word(event.status)},
          .at = event.at};
}

bool is_progress(const views::LiveEvent& event) { return event.seq == 0 && !event.of_the_server; }

std::string id_of(const views::LiveEvent& event) {
  if (event.of_the_server) return event.detail;
  if (!is_progress(event)) return std::to_string(event.seq);
  return event.item.text() + "-" + std::to_string(event.at.time_since_epoch().count());
}

json::value data_of(const views::LiveEvent& event) {
  boost::system::error_code bad;  // of our own making: it can be read
  if (event.of_the_server) return json::parse(event.json, bad);
  json::object data{{"stage", event.stage}, {"status", event.status}};
  if (is_progress(event)) data["progress"] = std::round(std::clamp(event.fraction, 0.0, 1.0) * 100) / 100;
  if (!event.detail.empty()) data["detail"] = event.detail;
  return data;
}

}  // namespace

std::string to_event_text(const views::LiveEvent& event) {
  const std::string type = is_progress(event) ? "holdfast.item.progress" : "holdfast." + event.type;
  const std::string subject = event.of_the_server ? event.stage : event.item.text();
  const json::object body{{"specversion", "1.0"},       {"id", id_of(event)},
                          {"source", "/api/v1/events"}, {"type", type},
                          {"subject", subject},         {"time", views::to_rfc3339(event.at)},
                          {"data", data_of(event)}};
  std::string text = event.seq == 0 ? "" : "id: " + std::to_string(event.seq) + "\n";
  return text + "event: " + type + "\ndata: " + views::to_text(body) + "\n\n";
}

EventFeed::EventFeed(Context& context, FeedFilter filter, ResponseSink& sink)
    : context_{context},
      filter_{std::move(filter)},
      sink_{sink},
      // before the log is read: nothing can come in between
      subscription_{context.deps.hub.subscribe(filter_.owner, filter_.alerts)},
      bell_{context.stop, context.clock()} {}

Task<Result<void>> EventFeed::run() {
  HF_CO_TRY_VOID(co_await open());
  co_return co_await follow();
}

Task<Result<void>> EventFeed::open() {
  progress_at_ = context_.clock().mono_now();
  HF_CO_TRY_VOID(co_await send(std::string{kOpening}));
  if (!filter_.after) co_return Result<void>{};
  HF_CO_TRY_VOID(co_await replay_alerts());
  last_seq_ = *filter_.after;
  if (last_seq_ == 0) co_return co_await replay();
  // An id that we never gave, for example of another data folder, says nothing about what was missed.
  HF_CO_TRY(const auto known, co_await context_.store().events_after(last_seq_ - 1, 1));
  if (known.empty() || known.front().seq != last_seq_) co_return co_await resync();
  co_return co_await replay();
}

/// Alerts have no numbers of the log: whoever comes back gets the last ones again, with the ids that they had.
Task<Result<void>> EventFeed::replay_alerts() {
  const guard::Alerts* alerts = context_.deps.alerts;
  if (!filter_.alerts || alerts == nullptr || alerts->book().recent.empty()) co_return Result<void>{};
  std::string text;
  for (const alert::Event& event : alerts->book().recent) text += to_event_text(live_of(event, alerts->rules()));
  co_return co_await send(std::move(text));
}

Task<Result<void>> EventFeed::follow() {
  for (;;) {
    HF_CO_TRY(auto event, co_await wait_event(subscription_.get(), &bell_, next_deadline()));
    if (context_.stop.stopping()) co_return co_await say_goodbye();
    if (subscription_->take_lost()) HF_CO_TRY_VOID(co_await catch_up());
    if (event) {
      views::LiveEvent happened = *std::move(event);
      HF_CO_TRY_VOID(co_await take(std::move(happened)));
    }
    HF_CO_TRY_VOID(co_await send_due());
  }
}

Task<Result<void>> EventFeed::replay() {
  for (;;) {
    HF_CO_TRY(const auto events, co_await context_.store().events_after(last_seq_, kReplayBatch));
    std::string text;
    for (const StoredEvent& event : events) {
      if (is_wanted(event.owner, event.item)) text += to_event_text(to_live(event));
      last_seq_ = event.seq;
    }
    if (!text.empty()) HF_CO_TRY_VOID(co_await send(std::move(text)));
    if (events.size() < kReplayBatch) co_return Result<void>{};
  }
}

/// After events were lost because this client did not keep up.
Task<Result<void>> EventFeed::catch_up() {
  if (last_seq_ > 0) co_return co_await replay();
  co_return co_await resync();
}

Task<Result<void>> EventFeed::resync() {
  last_seq_ = 0;
  co_return co_await send(std::string{kResync});
}

Task<Result<void>> EventFeed::take(views::LiveEvent event) {
  if (event.of_the_server) co_return co_await send(to_event_text(event));
  if (!is_wanted(event.owner, event.item)) co_return Result<void>{};
  if (is_progress(event)) {
    if (progress_.size() < kProgressMax || progress_.contains(event.item))
      progress_[event.item] = std::move(event);
    co_return Result<void>{};
  }
  if (event.seq <= last_seq_) co_return Result<void>{};  // it came with the replay
  last_seq_ = event.seq;
  progress_.erase(event.item);  // older than the change
  co_return co_await send(to_event_text(event));
}

Task<Result<void>> EventFeed::send(std::string text) {
  sent_at_ = context_.clock().mono_now();
  co_return co_await sink_.write(std::move(text));
}

Task<Result<void>> EventFeed::send_due() {
  const MonoTime now = context_.clock().mono_now();
  if (!progress_.empty() && now >= progress_at_ + context_.config.progress_every) {
    std::string text;
    for (const auto& [item, event] : progress_) text += to_event_text(event);
    progress_.clear();
    progress_at_ = now;
    co_return co_await send(std::move(text));
  }
  if (now >= sent_at_ + context_.config.beat_every) co_return co_await send(std::string{kBeat});
  co_return Result<void>{};
}

Task<Result<void>> EventFeed::say_goodbye() {
  const auto jitter = context_.deps.intake.entropy.next() % kGoodbyeJitterMs;
  co_return co_await send("retry: " + std::to_string(2000 + jitter) +
                          "\nevent: holdfast.stream.goodbye\ndata: {}\n\n");
}

MonoTime EventFeed::next_deadline() const {
  const MonoTime beat = sent_at_ + context_.config.beat_every;
  if (progress_.empty()) return beat;
  return std::min(beat, progress_at_ + context_.config.progress_every);
}

bool EventFeed::is_wanted(const std::string& owner, const ItemId& item) const {
  return (filter_.owner.empty() || filter_.owner == owner) && (filter_.item.empty() || filter_.item == item);
}

}  // namespace holdfast::web
