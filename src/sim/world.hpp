#pragma once

#include <functional>
#include <map>
#include <memory>

#include "sim/node.hpp"
#include "sim/store_calls.hpp"

namespace holdfast::sim {

struct Report {
  std::vector<std::string> violations;
  std::uint64_t faults = 0;
  std::uint64_t trace = 0;  ///< hash of everything that happened: two runs of a seed must agree
  std::size_t acknowledged = 0;
  std::size_t completed = 0;
  std::size_t failed = 0;
  Coverage coverage;
  double simulated_hours = 0;
};

/// A whole outage from one number: clients, nodes, faults, and then peace.
class World {
 public:
  explicit World(Scenario scenario);
  /// `log`: gets one line for each thing that happens; may be null.
  Report run(const std::function<void(const std::string&)>& log);

 private:
  struct Client {
    std::string key;
    std::string owner;
    std::string content;
    Nature nature;
    std::string mode;  ///< that is asked for
    bool answered = false;
  };

  void at(milliseconds delay, std::function<void()> what);
  milliseconds draw_time(milliseconds max);
  void plan_clients();
  void plan_faults();
  void plan_fault(bool on, milliseconds mean, void (World::*strike)());
  void plan_guard_fault(bool on, milliseconds mean, void (World::*strike)());
  void crash();
  void freeze();
  void store_outage();
  void refuse_writes();
  [[nodiscard]] std::map<ItemId, BlobId> spooled() const;
  void model_outage();
  void fall_sick();
  void jump_clock();
  void be_impatient();
  void operate();
  void plan_fill(milliseconds mean);
  void ask_to_fill();
  void want_all();
  void spring(const Commit& commit, std::string_view type);
  void check_promises(const Commit& commit);
  void check_converted();
  void trouble_a_service();
  void change_limits();
  void change_rules();
  void struck(std::string_view what) { coverage_.reached(what); }
  void start_node(int number);
  void start_later(int number);
  void end_node(int number, Death how);
  void run_ready(int number);
  void disk_trouble();
  void look_at_books();
  void end_in_peace();
  void check_end();
  std::unique_ptr<Storage> make_storage();
  [[nodiscard]] WorkerRoom make_room(int node) const;
  void send(std::size_t client);
  Node* some_node();
  void settle_all();
  void run_until(MonoTime end, bool stop_when_over);
  [[nodiscard]] bool all_over() const;
  [[nodiscard]] bool all_told();
  void note(const std::string& what);
  void heal();

  Scenario scenario_;
  Rng rng_;
  Rng fill_dice_;   ///< for those who want gaps filled
  Rng guard_dice_;  ///< for what guard/ and the operators' settings go through: other draws stay as they are
  Coverage coverage_;
  Timeline timeline_;
  Shelf shelf_;
  RecipeBook recipes_;
  Checker checker_;
  milliseconds calendar_skew_{0};  ///< of the machine, where there is one node
  StoreFaults store_faults_;
  WorkerFaults worker_faults_;
  GuardBooks books_{{scenario_, timeline_, worker_faults_, store_faults_, checker_, coverage_}};
  GuardWorld guard_{books_};
  std::map<int, SpoolDisk> spools_;
  std::map<int, MapStates::Documents> kept_;
  std::unique_ptr<Storage> storage_;
  std::vector<std::unique_ptr<Node>> nodes_;
  std::vector<int> lives_;
  std::vector<Client> clients_;
  std::multimap<std::pair<MonoTime, std::uint64_t>, std::function<void()>> agenda_;
  std::function<void(const std::string&)> log_;
  std::uint64_t trace_ = 0;
  std::uint64_t faults_ = 0;
  bool healed_ = false;
};

}  // namespace holdfast::sim
