#include "core/breaker/breaker.hpp"

#include <algorithm>

namespace holdfast::breaker {
namespace {

Breaker change(Breaker breaker, State state, MonoTime now) {
  breaker.state = state;
  breaker.since = now;
  breaker.era += 1;
  breaker.by_hand = false;
  breaker.round = 0;
  breaker.under_way = breaker.proven = breaker.row = 0;
  return breaker;
}

Breaker open(Breaker breaker, const Policy& policy, std::uint64_t dice, MonoTime now) {
  breaker.trips += 1;
  const auto rest = std::min(policy.open_max, policy.open_for * breaker.trips);
  // Up to a tenth more, so that nodes that were refused together do not come back together.
  const milliseconds jitter{static_cast<std::int64_t>(dice % (static_cast<std::uint64_t>(rest.count()) / 10 + 1))};
  breaker = change(breaker, State::open, now);
  breaker.retry_at = now + rest + jitter;
  return breaker;
}

Breaker closed(Breaker breaker, MonoTime now) {
  breaker = change(breaker, State::closed, now);
  breaker.trips = 0;
  breaker.buckets = {};
  breaker.bucket_at = now;
  return breaker;
}

/// Moves the window so that its newest bucket is the one of now.
void roll(Breaker& breaker, const Policy& policy, MonoTime now) {
  const auto width = std::max(policy.window / static_cast<std::int64_t>(kBuckets), milliseconds{1});
  if (now < breaker.bucket_at + width) return;
  const auto steps = (now - breaker.bucket_at) / width;
  const auto shift = std::min(static_cast<std::size_t>(steps), kBuckets);
  std::ranges::move_backward(breaker.buckets.begin(), breaker.buckets.end() - static_cast<std::ptrdiff_t>(shift),
                             breaker.buckets.end());
  std::fill_n(breaker.buckets.begin(), shift, Bucket{});
  breaker.bucket_at += width * steps;
}

Bucket sum(const Breaker& breaker) {
  Bucket all;
  for (const Bucket& bucket : breaker.buckets) {
    all.calls += bucket.calls;
    all.failures += bucket.failures;
    all.slow += bucket.slow;
  }
  return all;
}

bool failed(Outcome outcome) { return outcome == Outcome::failure || outcome == Outcome::repeated; }

void count(Breaker& breaker, const Policy& policy, Outcome outcome, MonoTime now) {
  roll(breaker, policy, now);
  Bucket& newest = breaker.buckets.front();
  newest.calls += 1;
  newest.failures += failed(outcome) ? 1 : 0;
  newest.slow += outcome == Outcome::slow ? 1 : 0;
  if (!failed(outcome)) {
    breaker.row = 0;
    return;
  }
  if (now - breaker.row_at > policy.window) breaker.row = 0;
  // What fails again and again may be one bad file: the row is one of different inputs.
  if (outcome == Outcome::failure || breaker.row == 0) breaker.row += 1;
  breaker.row_at = now;
}

bool too_much(const Breaker& breaker, const Policy& policy) {
  if (policy.row_max > 0 && breaker.row >= policy.row_max) return true;
  const Bucket all = sum(breaker);
  if (all.calls == 0 || all.calls < policy.calls_min) return false;
  return std::uint64_t{100} * all.failures >= std::uint64_t{policy.failure_percent} * all.calls ||
         std::uint64_t{100} * all.slow >= std::uint64_t{policy.slow_percent} * all.calls;
}

/// A call of the half-open state has ended.
Breaker prove(Breaker breaker, const Policy& policy, Outcome outcome, std::uint64_t dice, MonoTime now) {
  breaker.under_way -= breaker.under_way > 0 ? 1 : 0;
  if (outcome == Outcome::dropped) return breaker;
  if (outcome != Outcome::success) return open(breaker, policy, dice, now);
  breaker.proven += 1;
  if (breaker.proven < policy.permits.at(breaker.round)) return breaker;
  if (breaker.round + 1 == policy.permits.size()) return closed(breaker, now);
  breaker.round += 1;
  breaker.proven = 0;
  return breaker;
}

unsigned permits_left(const Breaker& breaker, const Policy& policy) {
  const unsigned all = policy.permits.at(breaker.round);
  const unsigned used = breaker.under_way + breaker.proven;
  return all > used ? all - used : 0;
}

}  // namespace

std::string_view to_word(State state) {
  switch (state) {
    case State::closed:
      return "closed";
    case State::open:
      return "open";
    case State::half_open:
      return "half_open";
  }
  return "";
}

Breaker as_of(Breaker breaker, MonoTime now) {
  const bool rested = breaker.state == State::open && !breaker.by_hand && now >= breaker.retry_at;
  return rested ? change(breaker, State::half_open, now) : breaker;
}

Admission admit(Breaker breaker, const Policy& policy, MonoTime now) {
  if (now < breaker.gate_until) return {.after = breaker, .refusal = Refusal::gated};
  breaker = as_of(breaker, now);
  if (breaker.state == State::open)
    return {.after = breaker, .refusal = breaker.by_hand ? Refusal::by_hand : Refusal::open};
  if (breaker.state == State::half_open) {
    if (permits_left(breaker, policy) == 0) return {.after = breaker, .refusal = Refusal::proving};
    breaker.under_way += 1;
  }
  return {.after = breaker, .era = breaker.era};
}

Breaker record(Breaker breaker, const Policy& policy, std::uint64_t era, Outcome outcome, std::uint64_t dice,
               MonoTime now) {
  if (era != breaker.era || breaker.state == State::open) return breaker;
  if (breaker.state == State::half_open) return prove(breaker, policy, outcome, dice, now);
  if (outcome == Outcome::dropped) return breaker;
  count(breaker, policy, outcome, now);
  return too_much(breaker, policy) ? open(breaker, policy, dice, now) : breaker;
}

Breaker gate(Breaker breaker, const Policy& policy, MonoTime until, MonoTime now) {
  breaker.gate_until = std::max(breaker.gate_until, std::min(until, now + policy.gate_max));
  return breaker;
}

Breaker hope(Breaker breaker, MonoTime now) {
  if (breaker.state == State::open) breaker.retry_at = std::min(breaker.retry_at, now);
  return breaker;
}

Breaker open_by_hand(Breaker breaker, MonoTime now) {
  if (breaker.state != State::open) breaker = change(breaker, State::open, now);
  breaker.by_hand = true;
  return breaker;
}

Breaker close_by_hand(Breaker breaker, MonoTime now) { return closed(breaker, now); }

Breaker reset(Breaker breaker, MonoTime now) {
  const std::uint64_t era = breaker.era;
  breaker = Breaker{.since = now, .era = era + 1, .bucket_at = now};
  return breaker;
}

unsigned room(const Breaker& breaker, const Policy& policy, MonoTime now) {
  if (now < breaker.gate_until) return 0;
  const Breaker then = as_of(breaker, now);
  if (then.state == State::closed) return kRoomForAll;
  return then.state == State::open ? 0 : permits_left(then, policy);
}

MonoTime worth_trying_at(const Breaker& breaker, MonoTime now) {
  MonoTime at = std::max(now, breaker.gate_until);
  if (breaker.state == State::open && !breaker.by_hand) at = std::max(at, breaker.retry_at);
  return at;
}

Bucket counted(const Breaker& breaker, const Policy& policy, MonoTime now) {
  Breaker rolled = breaker;
  roll(rolled, policy, now);
  return sum(rolled);
}

bool may_follow(State before, State after) {
  if (before == after) return true;
  // Half-open is reached from open alone: a breaker that is closed has nothing to prove.
  return after != State::half_open || before == State::open;
}

}  // namespace holdfast::breaker
