#include "guard/services.hpp"

#include <algorithm>

#include "guard/call_outcome.hpp"
#include "guard/service_document.hpp"

namespace holdfast::guard {
namespace {

using breaker::Breaker;
using breaker::Outcome;
using breaker::Refusal;
using breaker::State;

/// After a store that did not take a document.
constexpr milliseconds kAskAgain{5'000};

Outcome breaker_outcome(CallOutcome::Kind kind, bool same_input, bool slow) {
  switch (kind) {
    case CallOutcome::Kind::worked:
      return slow ? Outcome::slow : Outcome::success;
    case CallOutcome::Kind::failed:
      return Outcome::failure;
    case CallOutcome::Kind::doubtful:
      return same_input ? Outcome::repeated : Outcome::failure;
    case CallOutcome::Kind::dropped:
      return Outcome::dropped;
  }
  return Outcome::dropped;
}

std::string seconds_word(milliseconds time) { return std::to_string((time.count() + 999) / 1'000) + " s"; }

}  // namespace

std::string_view to_word(Health health) {
  switch (health) {
    case Health::unknown:
      return "unknown";
    case Health::up:
      return "up";
    case Health::down:
      return "down";
  }
  return "";
}

void Services::add(ServiceConfig config) {
  std::string name = config.name;
  Service service{.config = std::move(config)};
  service.breaker.since = service.breaker.bucket_at = now();
  services_.insert_or_assign(std::move(name), std::move(service));
}

const Service* Services::find(const std::string& name) const {
  const auto found = services_.find(name);
  return found != services_.end() ? &found->second : nullptr;
}

Service* Services::find_breaker(const std::string& name) {
  const auto found = services_.find(name);
  return found != services_.end() && found->second.config.breaks ? &found->second : nullptr;
}

Result<Services::Pass> Services::admit(const std::string& name, ItemId item, bool repeats) {
  Service* const service = find_breaker(name);
  if (service == nullptr) return Pass{.service = {}, .began = now()};
  if (repeats && !may_retry(deps_.budget, service->in_flight, service->repeats_in_flight)) {
    return fail(ErrorClass::dependency, "HF-SVC-01", name + " has enough to repeat: no more is begun meanwhile");
  }
  const auto admission = breaker::admit(service->breaker, service->config.policy, now());
  set(*service, admission.after, {});
  if (admission.refusal != Refusal::none) return refuse(*service, admission.refusal);
  service->in_flight += 1;
  service->repeats_in_flight += repeats ? 1 : 0;
  return Pass{.service = name, .era = admission.era, .item = std::move(item), .repeats = repeats, .began = now()};
}

std::unexpected<Error> Services::refuse(const Service& service, Refusal refusal) const {
  const std::string& name = service.config.name;
  if (refusal == Refusal::gated)
    return fail(ErrorClass::dependency, service.failed_code, name + " asked to be left alone for a while");
  const std::string why = service.failed_code.empty() ? "" : "; it failed with " + service.failed_code;
  const milliseconds left = breaker::worth_trying_at(service.breaker, now()) - now();
  if (refusal == Refusal::by_hand)
    return fail(ErrorClass::dependency, "HF-SVC-01", name + " is kept out of work by hand");
  if (refusal == Refusal::proving)
    return fail(ErrorClass::dependency, "HF-SVC-01", name + " is being tried with a few calls" + why);
  return fail(ErrorClass::dependency, "HF-SVC-01", name + " rests for another " + seconds_word(left) + why);
}

void Services::ended(const Pass& pass, const Error* failure) {
  Service* const service = find_breaker(pass.service);
  if (service == nullptr || stopping_) return;
  service->in_flight -= 1;
  service->repeats_in_flight -= pass.repeats ? 1 : 0;
  settle(*service, pass, failure);
}

void Services::settle(Service& service, const Pass& pass, const Error* failure) {
  const auto& config = service.config;
  const CallOutcome outcome = failure != nullptr ? outcome_of(*failure) : CallOutcome{};
  const milliseconds took = now() - pass.began;
  const bool bad = outcome.kind == CallOutcome::Kind::failed || outcome.kind == CallOutcome::Kind::doubtful;
  const bool same_input = bad && service.failed_item == pass.item && !pass.item.empty();
  if (outcome.kind == CallOutcome::Kind::worked) service.calls.add(took);
  if (outcome.kind == CallOutcome::Kind::worked) service.failed_item = {};
  if (bad) service.failed_item = pass.item;
  if (bad || outcome.wait) service.failed_code = failure->code();
  const bool slow = config.slow_after > milliseconds{0} && took > config.slow_after;
  Breaker after = breaker::record(service.breaker, config.policy, pass.era,
                                  breaker_outcome(outcome.kind, same_input, slow), deps_.entropy.next(), now());
  if (outcome.wait) after = breaker::gate(after, config.policy, now() + *outcome.wait, now());
  set(service, after, failure != nullptr ? failure->code() : "");
  if (after.state == State::half_open) give_room();  // the next round, or a permit that came back
}

unsigned Services::room(const std::string& name, bool repeats) const {
  const Service* const service = find(name);
  if (service == nullptr || !service->config.breaks) return breaker::kRoomForAll;
  const unsigned all = breaker::room(service->breaker, service->config.policy, now());
  if (!repeats) return all;
  const unsigned most = retries_max(deps_.budget, service->in_flight);
  return std::min(all, most - std::min(most, service->repeats_in_flight));
}

void Services::set(Service& service, const Breaker& after, const std::string& detail) {
  const Service before = service;
  service.breaker = after;
  const bool gated = after.gate_until != before.breaker.gate_until && after.gate_until > now();
  const bool changed = after.state != before.breaker.state || after.by_hand != before.breaker.by_hand;
  if (changed) note(service, std::string{to_word(after.state)}, detail);
  if (gated) note(service, "gated", detail);
  if (!changed && !gated) return;
  if (changed) tell_breaker(before, service, detail);
  if (deps_.on_change) deps_.on_change(before, service);
  if (after.state != State::open) give_room();
}

void Services::tell_breaker(const Service& before, const Service& after, const std::string& detail) {
  const bool bad = after.breaker.state == State::open;
  tell(deps_.log, bad ? LogLevel::warn : LogLevel::info, "breaker",
       {{"service", after.config.name},
        {"state", std::string{to_word(after.breaker.state)}},
        {"was", std::string{to_word(before.breaker.state)}},
        {"why", detail}});
}

void Services::note(Service& service, std::string what, std::string detail) {
  service.history.push_back({.at = deps_.clock.wall_now(), .what = std::move(what), .detail = std::move(detail)});
  if (service.history.size() > kHistoryMax) service.history.pop_front();
  unkept_.insert(service.config.name);
  bell_->ring();
}

void Services::seen(const std::string& name, const Result<void>& answer, milliseconds took) {
  if (!answer && answer.error().error_class() == ErrorClass::canceled) return;  // nothing was found out
  for (auto& [other, service] : services_) {
    if (other == name || service.config.probed_by == name) take_probe(service, answer, took);
  }
}

void Services::take_probe(Service& service, const Result<void>& answer, milliseconds took) {
  const Service before = service;
  service.checked_at = deps_.clock.wall_now();
  service.took = took;
  service.probes.add(took);
  service.misses = answer ? 0 : service.misses + 1;
  if (answer) {
    service.health = Health::up;
    service.code = service.message = {};
  } else if (before.health != Health::up || service.misses >= service.config.misses_max) {
    service.health = Health::down;
    service.code = answer.error().code();
    service.message = answer.error().what();
  }
  tell_probe(before, service);
  if (service.health == before.health) return;
  note(service, std::string{to_word(service.health)}, service.code);
  if (deps_.on_change) deps_.on_change(before, service);
  if (service.health != Health::up) return;
  if (service.config.breaks && before.health == Health::down) {
    const Breaker hoping = breaker::as_of(breaker::hope(service.breaker, now()), now());
    set(service, hoping, "probe");
  }
  give_room();
}

void Services::tell_probe(const Service& before, const Service& after) {
  const bool news = after.health != before.health || after.message != before.message;
  if (!news || !after.config.probed_by.empty()) return;
  if (after.health == Health::up) {
    tell(deps_.log, LogLevel::info, "service_up", {{"service", after.config.name}});
  } else {
    tell(deps_.log, LogLevel::warn, "service_down",
         {{"service", after.config.name}, {"code", after.code}, {"message", after.message}});
  }
}

Result<void> Services::by_hand(const std::string& name, Breaker (*change)(Breaker, MonoTime)) {
  Service* const service = find_breaker(name);
  if (service == nullptr) return fail(ErrorClass::not_found, "HF-SVC-02", "there is no circuit breaker of that name");
  set(*service, change(service->breaker, now()), "by hand");
  unkept_.insert(name);  // what was counted has changed, if not the state
  bell_->ring();
  give_room();
  return {};
}

Result<void> Services::open(const std::string& name) { return by_hand(name, &breaker::open_by_hand); }
Result<void> Services::close(const std::string& name) { return by_hand(name, &breaker::close_by_hand); }
Result<void> Services::reset(const std::string& name) { return by_hand(name, &breaker::reset); }

void Services::give_room() {
  if (deps_.on_room) deps_.on_room();
}

/// A rest that is over changes the state even if nobody calls.
void Services::advance() {
  for (auto& [name, service] : services_) {
    if (service.config.breaks) set(service, breaker::as_of(service.breaker, now()), {});
  }
}

MonoTime Services::next_change() const {
  MonoTime next = MonoTime::max();
  for (const auto& [name, service] : services_) {
    const MonoTime at = breaker::worth_trying_at(service.breaker, now());
    if (service.config.breaks && at > now()) next = std::min(next, at);
  }
  return next;
}

Task<Result<void>> Services::restore() {
  if (deps_.states == nullptr) co_return Result<void>{};
  HF_CO_TRY(const auto kept, co_await deps_.states->kept_under(std::string{kServicePrefix}));
  for (const auto& [name, document] : kept) {
    const auto found = services_.find(name.substr(kServicePrefix.size()));
    if (found == services_.end()) continue;
    const Moment moment{.mono = now(), .wall = deps_.clock.wall_now()};
    const auto taken = read_document(document, moment, &found->second);
    if (!taken)
      tell(deps_.log, LogLevel::warn, "service_document_refused",
           {{"service", found->first}, {"message", taken.error().what()}});
  }
  co_return Result<void>{};
}

Task<Result<void>> Services::keep_one(std::string name) {
  const auto found = services_.find(name);
  if (deps_.states == nullptr || found == services_.end()) co_return Result<void>{};
  const Moment moment{.mono = now(), .wall = deps_.clock.wall_now()};
  auto keeping = deps_.states->keep(std::string{kServicePrefix} + name, write_document(found->second, moment));
  co_return co_await std::move(keeping);
}

Task<void> Services::run() {
  for (;;) {
    advance();
    MonoTime wake = next_change();
    const auto changed = std::exchange(unkept_, {});
    for (const std::string& name : changed) {
      auto keeping = keep_one(name);
      const auto kept = co_await std::move(keeping);
      if (!kept && kept.error().error_class() == ErrorClass::canceled) co_return;
      if (kept) continue;
      unkept_.insert(name);
      wake = std::min(wake, now() + kAskAgain);
    }
    if (stopping_) co_return;
    const auto woken = co_await bell_->wait_until(wake);
    if (!woken) co_return;
    if (!*woken) give_room();  // a rest or a gate is over
  }
}

void Services::stop() {
  stopping_ = true;
  bell_->ring();
}

}  // namespace holdfast::guard
