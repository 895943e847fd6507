#include "sim/breaker_books.hpp"

#include "guard/guarded_pool.hpp"

namespace holdfast::sim {
namespace {

using breaker::State;

/// What a half-open breaker may have under way: one until one has worked, then three.
constexpr unsigned kFirstTrials = 1;
constexpr unsigned kLaterTrials = 3;

std::string breaker_name(int node, const std::string& service) {
  return "node " + std::to_string(node) + ": the breaker of " + service;
}

}  // namespace

void BreakerBooks::changed(int node, const std::string& service, State from, State to) {
  Entry& entry = entries_[{node, service}];
  const bool known = entry.state == from;
  const bool legal = to != State::half_open || from == State::open || from == to;
  if (!known || !legal)
    violation_(breaker_name(node, service) + " went from " + std::string{to_word(from)} + " to " +
               std::string{to_word(to)} + ", and was " + std::string{to_word(entry.state)});
  if (from == to) return;
  entry = Entry{.state = to, .trial = entry.trial + 1, .free_since = timeline_.now()};
}

void BreakerBooks::restored(int node, const std::string& service, State state) {
  Entry& entry = entries_[{node, service}];
  if (entry.state != State::closed && state == State::closed)
    violation_(breaker_name(node, service) + " was forgotten by a restart");
  entry = Entry{.state = state, .trial = entry.trial + 1, .free_since = timeline_.now()};
}

std::uint64_t BreakerBooks::began(int node, WorkerKind kind) {
  const std::string service = guard::service_of(kind, {});
  Entry& entry = entries_[{node, service}];
  if (entry.state == State::open) violation_(breaker_name(node, service) + " is open and let a call through");
  if (entry.state != State::half_open) return entry.trial;
  entry.under_way += 1;
  const unsigned most = entry.worked == 0 ? kFirstTrials : kLaterTrials;
  if (entry.under_way > most)
    violation_(breaker_name(node, service) + " is half-open and has " + std::to_string(entry.under_way) +
               " calls under way");
  return entry.trial;
}

void BreakerBooks::ended(int node, WorkerKind kind, std::uint64_t trial, bool worked) {
  Entry& entry = entries_[{node, guard::service_of(kind, {})}];
  if (entry.trial != trial || entry.state != State::half_open) return;
  entry.under_way -= 1;
  entry.free_since = timeline_.now();
  entry.worked += worked ? 1 : 0;
}

std::optional<MonoTime> BreakerBooks::room_since(int node, const std::string& service) const {
  const auto entry = entries_.find({node, service});
  if (entry == entries_.end() || entry->second.state == State::open || entry->second.under_way > 0)
    return std::nullopt;
  return entry->second.free_since;
}

}  // namespace holdfast::sim
