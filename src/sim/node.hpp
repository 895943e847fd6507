#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>

#include "flow/engine.hpp"
#include "flow/intake/intake.hpp"
#include "flow/recovery/redriver.hpp"
#include "flow/spool/spooled_store.hpp"
#include "guard/guarded_pool.hpp"
#include "sim/called_states.hpp"
#include "sim/node_guard.hpp"
#include "sim/scenario.hpp"
#include "sim/sim_workers.hpp"

namespace holdfast::sim {

class SeededEntropy final : public Entropy {
 public:
  explicit SeededEntropy(std::uint64_t seed) : rng_{seed} {}
  std::uint64_t next() override { return rng_.next(); }

 private:
  Rng rng_;
};

/// What all nodes of a world share and what survives their crashes.
struct Surroundings {
  const Scenario& scenario;
  Timeline& timeline;
  Storage& storage;
  Shelf& shelf;
  Checker& checker;
  WorkerFaults& worker_faults;
  std::map<int, SpoolDisk>& spools;           ///< what each has in its spool
  std::map<int, MapStates::Documents>& kept;  ///< what each node has learned, by its number
  const RecipeBook& recipes;
  Rng& rng;
  GuardWorld& guard;
  Coverage& coverage;
};

/// What a node writes to its log. Whoever listens may come later.
class NodeLog final : public Log {
 public:
  void write(LogLevel /*level*/, std::string_view event, const std::vector<LogField>& fields) override {
    if (guard != nullptr) guard->heard(event, fields);
  }
  NodeGuard* guard = nullptr;
};

/// One life of one server: the real engine and intake over simulated ports. Destroying it is kill -9. The
/// storage must have been prepared.
class Node {
 public:
  Node(Surroundings world, int number, int life);
  ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  void run_ready();

  /// A client sends a recording to this node. `answered` hears of an answer that arrived; a crash is silence.
  void submit(intake::Form form, std::string content, std::function<void(Result<Enqueued>)> answered);
  void cancel(ItemId item);
  void retry(ItemId item);
  void fill(ItemId item, std::int64_t start_ms);
  void redo_in_full(ItemId item);
  void discard(ItemId item);
  /// An operator retries all dead letters, so many a minute (0: at once).
  void redrive(unsigned per_minute);
  /// An operator changes what it goes by.
  void change_limits(admission::Limits limits) { guard_->change_limits(std::move(limits)); }
  void change_rules(RecoveryRules rules) { guard_->change_rules(std::move(rules)); }
  void jump_clock(milliseconds by) { clock_.wall_skew += by; }
  /// Its store has stopped it: nothing of it runs any more.
  [[nodiscard]] bool dead() const { return dead_; }
  [[nodiscard]] int number() const { return number_; }

 private:
  Task<void> boot();
  Task<void> watch();
  [[nodiscard]] std::unique_ptr<guard::Services> make_services();
  void make_guard();
  void make_spool(int life);
  JobStore& jobs() { return spooled_ ? static_cast<JobStore&>(*spooled_) : *store_; }
  void check_restored();
  void die();
  void spawn(Task<void> task);

  Surroundings world_;
  int number_;
  std::unique_ptr<guard::Services> services_;  ///< goes after the coroutines, which tell it of their end
  NodeLog log_;
  std::unique_ptr<NodeGuard> guard_;  ///< as well
  SpeechLadder ladder_;               ///< as well
  asio::io_context io_{1};
  SimClock clock_;
  SeededEntropy entropy_;
  SeededEntropy guard_entropy_;  ///< its own, so that a seed's other draws stay as they are
  std::unique_ptr<JobStore> store_;
  std::unique_ptr<SimSpool> spool_;
  std::unique_ptr<spool::SpooledStore> spooled_;  ///< before the store, where the node is alone
  std::unique_ptr<StateStore> states_;
  std::unique_ptr<RetentionStore> retention_;
  bool dead_ = false;
  bool spool_read_ = false;
  SimBlobs blobs_;
  MapStates breaker_states_;  ///< of this node alone: each leaves what fails alone by itself
  SimWorkers workers_;
  std::unique_ptr<guard::GuardedPool> pool_;
  std::unique_ptr<WatchedPool> watched_pool_;
  views::EventHub hub_;
  std::unique_ptr<views::EventHub::Subscription> events_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<recovery::Redriver> redriver_;
};

}  // namespace holdfast::sim
