#include "guard/alerts.hpp"

#include <algorithm>

#include "core/base/make_id.hpp"
#include "core/retry/backoff.hpp"
#include "guard/alert_document.hpp"
#include "guard/alert_view.hpp"

namespace holdfast::guard {
namespace {

using alert::Book;
using alert::Event;
using alert::Rule;

constexpr const char* kAlertsName = "alerts";
constexpr milliseconds kLookEveryMin{100};
constexpr milliseconds kIdle{60'000};
constexpr BackoffPolicy kPauses{.base = milliseconds{2'000}, .ceiling = milliseconds{120'000}};

/// What happens to a standing between two looks that is worth a write: that it began, fired, or is over.
std::vector<std::pair<alert::Key, bool>> shape_of(const Book& book) {
  std::vector<std::pair<alert::Key, bool>> shape;
  for (const auto& [key, standing] : book.standings) shape.emplace_back(key, standing.firing);
  return shape;
}

LogLevel level_of(const Event& event, const Rule* rule) {
  if (!event.firing) return LogLevel::info;
  return rule != nullptr && rule->severity >= alert::Severity::high ? LogLevel::error : LogLevel::warn;
}

}  // namespace

Alerts::Alerts(Deps deps)
    : deps_{std::move(deps)},
      rules_{alert::sped_up(deps_.drill_speed)},
      look_bell_{deps_.clock.make_wakeup()},
      deliver_bell_{deps_.clock.make_wakeup()} {
  for (const Rule& rule : rules_) reach_ = std::max(reach_, rule.over);
}

Task<Result<void>> Alerts::load() {
  HF_CO_TRY(const auto kept, co_await deps_.states.kept(kAlertsName));
  if (!kept) co_return Result<void>{};
  auto book = read_alerts(*kept, now());
  if (!book) {
    tell(deps_.log, LogLevel::error, "alerts_unreadable", {{"state", kAlertsName}});
    co_return Result<void>{};
  }
  book_ = *std::move(book);
  if (!delivers() && !book_.waiting.empty()) {
    tell(deps_.log, LogLevel::warn, "alerts_not_delivered", {{"count", std::to_string(book_.waiting.size())}});
    book_.waiting.clear();  // whom they were for is not configured any more
    changed_ = true;
  }
  co_return Result<void>{};
}

std::vector<Event> Alerts::judge(Book& book, const alert::Figures& figures) {
  std::vector<Event> told;
  history_.add(now().mono, figures.counters, reach_);
  for (const Rule& rule : rules_) {
    const auto readings = alert::read(rule, figures, history_);
    if (!readings) continue;
    for (Event& event : alert::advance(book, rule, *readings, now())) {
      event.id = "alr_" + make_ulid(event.at, deps_.entropy.roll());
      alert::note(book, event, delivers());
      told.push_back(std::move(event));
    }
  }
  return told;
}

void Alerts::take_out_done() {
  const auto gone = [this](const Event& event) { return done_.contains(event.id); };
  changed_ = std::erase_if(book_.waiting, gone) > 0 || changed_;
  done_.clear();
  book_.given_up += std::exchange(given_up_, 0);
}

Task<void> Alerts::keep(const Book* book) {
  if (!changed_) co_return;
  auto keeping = deps_.states.keep(kAlertsName, write_alerts(*book, now()));
  const auto kept = co_await std::move(keeping);
  changed_ = !kept;  // the next look tries again
}

void Alerts::tell_event(const Event& event) {
  const Rule* rule = alert::find_rule(event.rule);
  tell(deps_.log, level_of(event, rule), event.firing ? "alert_firing" : "alert_resolved",
       {{"alert", event.rule},
        {"subject", event.subject},
        {"severity", rule != nullptr ? std::string{to_word(rule->severity)} : ""},
        {"id", event.id}});
  if (deps_.on_event) deps_.on_event(event);
}

/// What is told is durable first. A store that takes nothing is itself a reason to tell: then it is told all the same,
/// and kept when the store is back.
Task<void> Alerts::look() {
  const alert::Figures figures = co_await deps_.look();
  if (stopping_) co_return;
  Book next = book_;
  const auto told = judge(next, figures);
  changed_ = changed_ || !told.empty() || shape_of(next) != shape_of(book_);
  co_await keep(&next);
  const bool dropped = next.dropped > book_.dropped;
  book_ = std::move(next);
  for (const Event& event : told) tell_event(event);
  if (dropped) tell(deps_.log, LogLevel::error, "alerts_dropped", {{"count", std::to_string(book_.dropped)}});
  if (!told.empty()) deliver_bell_->ring();
}

Task<void> Alerts::run() {
  const milliseconds every = std::max(kLookEvery / std::max(deps_.drill_speed, 1U), kLookEveryMin);
  MonoTime next = deps_.clock.mono_now();
  while (!stopping_) {
    if (deps_.clock.mono_now() >= next) {
      co_await look();
      next = deps_.clock.mono_now() + every;
    }
    take_out_done();
    co_await keep(&book_);
    if (stopping_) break;
    const auto woken = co_await look_bell_->wait_until(next);
    if (!woken) co_return;
  }
  take_out_done();
  co_await keep(&book_);
}

const Event* Alerts::next_to_deliver() const {
  const auto due = [this](const Event& event) { return !done_.contains(event.id); };
  const auto found = std::ranges::find_if(book_.waiting, due);
  return found != book_.waiting.end() ? &*found : nullptr;
}

void Alerts::done_with(const Event& event) {
  done_.insert(event.id);
  look_bell_->ring();
}

/// Said once for each time that it goes away.
void Alerts::not_taken(const Event& event, const Error& error) {
  trouble_ = error.what();
  if (failures_++ > 0) return;
  tell(deps_.log, LogLevel::warn, "alert_not_delivered",
       {{"id", event.id}, {"code", error.code()}, {"message", error.what()}});
}

/// Whoever refuses it so often has been set up wrongly, and what comes behind it must not wait for that for ever.
bool Alerts::give_up(const Event& event, const Error& error) {
  if (error.error_class() != ErrorClass::permanent) return false;
  if (std::exchange(refused_, event.id) != event.id) refusals_ = 0;
  if (++refusals_ < kRefusalsMax) return false;
  tell(deps_.log, LogLevel::error, "alert_given_up",
       {{"alert", event.rule},
        {"id", event.id},
        {"tries", std::to_string(refusals_)},
        {"code", error.code()},
        {"message", error.what()}});
  given_up_ += 1;
  done_with(event);
  return true;
}

/// Returns false when it is to be tried again.
Task<bool> Alerts::send(Event event) {
  Notice notice{.id = event.id, .json = notice_text(event, rules_, book_.dropped)};
  auto sending = deps_.notifier->send(std::move(notice));
  const auto sent = co_await std::move(sending);
  if (!sent) {
    not_taken(event, sent.error());
    co_return give_up(event, sent.error());
  }
  trouble_.clear();
  failures_ = 0;
  done_with(event);
  co_return true;
}

Task<void> Alerts::deliver() {
  while (!stopping_ && delivers()) {
    MonoTime next = deps_.clock.mono_now() + kIdle;
    if (const Event* event = next_to_deliver(); event != nullptr) {
      auto sending = send(*event);
      if (co_await std::move(sending)) continue;
      const milliseconds pause = backoff(kPauses, failures_, deps_.entropy.next());
      next = deps_.clock.mono_now() + std::max(pause, kPauses.base / 4);
    }
    if (stopping_) co_return;
    const auto woken = co_await deliver_bell_->wait_until(next);
    if (!woken) co_return;
  }
}

void Alerts::stop() {
  stopping_ = true;
  look_bell_->ring();
  deliver_bell_->ring();
}

}  // namespace holdfast::guard
