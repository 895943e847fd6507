#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "core/breaker/breaker.hpp"
#include "ports/worker_pool.hpp"
#include "sim/complain.hpp"
#include "sim/timeline.hpp"

namespace holdfast::sim {

/// What the circuit breakers of all nodes promise, in books of our own: their states follow each other legally,
/// an open one lets nothing through, a half-open one no more than it may, and a restart forgets no open one.
class BreakerBooks {
 public:
  BreakerBooks(const Timeline& timeline, Complain violation) : timeline_{timeline}, violation_{std::move(violation)} {}

  void changed(int node, const std::string& service, breaker::State from, breaker::State to);
  /// A node that starts has this breaker, after it took up what it had kept.
  void restored(int node, const std::string& service, breaker::State state);
  /// A call reached the workers. Returns what names the trial that it is part of.
  std::uint64_t began(int node, WorkerKind kind);
  void ended(int node, WorkerKind kind, std::uint64_t trial, bool worked);
  /// Since when a call could begin there. Nothing: none can, or nobody can say.
  [[nodiscard]] std::optional<MonoTime> room_since(int node, const std::string& service) const;

 private:
  struct Entry {
    breaker::State state = breaker::State::closed;
    std::uint64_t trial = 0;  ///< grows with every change
    unsigned under_way = 0;   ///< half-open: calls of this trial
    unsigned worked = 0;      ///< as well
    MonoTime free_since{};    ///< closed, or half-open with nothing under way: since when
  };
  using Key = std::pair<int, std::string>;

  const Timeline& timeline_;
  Complain violation_;
  std::map<Key, Entry> entries_;
};

}  // namespace holdfast::sim
