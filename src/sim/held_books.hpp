#pragma once

#include <map>
#include <optional>
#include <string>

#include "ports/worker_pool.hpp"
#include "sim/breaker_books.hpp"
#include "sim/complain.hpp"
#include "sim/health_books.hpp"
#include "sim/ladder_books.hpp"
#include "sim/storage.hpp"
#include "sim/store_calls.hpp"

namespace holdfast::sim {

struct WorkerFaults;

/// What those who wait for a service were promised: they are let go soon after it is back, and no more of them at
/// once than it would take.
class HeldBooks {
 public:
  struct Deps {
    const Timeline& timeline;
    const WorkerFaults& services;
    const StoreFaults& store;
    const HealthBooks& health;
    const BreakerBooks& breakers;
    const LadderBooks& ladders;
    milliseconds probe_every;  ///< how often a node asks for what jobs are held for
    milliseconds slack;        ///< how long a look at all that is held takes, and the one before it
    bool monitored = false;    ///< a monitor sees that a service is back
  };
  HeldBooks(Deps deps, Complain complain) : deps_{deps}, complain_{std::move(complain)} {}

  /// It looks at what is held from now on.
  void node_runs(int node);
  /// What it has let go may still be found later, in what it has left on its disk.
  void node_gone(int node) { calm_since_.erase(node); }
  /// It does nothing until then.
  void frozen(int node, MonoTime until);
  /// A node asked how many pieces of such work would be taken now, to let so many go.
  void offered(int node, WorkerKind kind, bool repeats, unsigned room) {
    room_[{node, kind, repeats}] = {.room = room, .at = deps_.timeline.now()};
  }
  void committed(const Commit& commit);
  /// Since when each node that runs has been undisturbed.
  [[nodiscard]] const std::map<int, MonoTime>& calm_since() const { return calm_since_; }

 private:
  using Wanted = std::tuple<int, WorkerKind, bool>;
  struct Offer {
    unsigned room = 0;
    MonoTime at{};
  };
  struct Held {
    MonoTime since{};
    std::string code;
  };
  void released(const Job& job);
  void check_time(const Job& job, const Held& held, WorkerKind kind);
  void check_room(const Job& job, WorkerKind kind);
  [[nodiscard]] std::optional<MonoTime> there_since(int node, WorkerKind kind) const;
  [[nodiscard]] std::optional<MonoTime> deadline(int node, const Job& job, const Held& held, WorkerKind kind) const;

  Deps deps_;
  Complain complain_;
  std::map<int, MonoTime> calm_since_;  ///< of each node that runs
  std::map<ItemId, Held> held_;
  std::map<WorkerKind, MonoTime> moved_at_;  ///< when something last changed for a job for it
  std::map<Wanted, Offer> room_;
};

}  // namespace holdfast::sim
