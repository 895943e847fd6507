#pragma once

#include <functional>
#include <optional>
#include <set>

#include "sim/storage.hpp"

namespace holdfast::sim {

/// Who is told what a witness has seen.
struct WitnessReports {
  OnCommit committed;
  /// A power cut has taken back what nobody had been promised: the job is again as it is in these books.
  std::function<void(const Job&, const Books&)> went_back;
  std::function<void(const std::string&)> violation;
};

/// Stands beside a store that cannot be looked into, hears what each call decided and how it was answered,
/// and keeps its own copy of every job. After a death it compares that with what is left: what was answered
/// must be there, and nothing else may have appeared. One call at a time is under way.
class Witness {
 public:
  explicit Witness(WitnessReports reports) : reports_{std::move(reports)} {}

  /// The store is about to write this; it may be told again before the answer. `before` null: a new job.
  void decided(const Job* before, Transition change, std::optional<Fence> caller);
  /// The store is about to lease jobs that it chooses.
  void claiming() { claiming_ = true; }
  /// The store has answered the call under way that it did what it had decided.
  void kept();
  void leased(const std::vector<Job>& jobs, const ClaimRequest& request, WallTime now);
  /// It has answered that it did nothing.
  void refused() { forget_call(); }

  void compare(const Books& books, Death how);
  [[nodiscard]] const std::map<ItemId, Job>& jobs() const { return jobs_; }

 private:
  struct Decided {
    std::optional<Job> before;
    Transition change;
    std::optional<Fence> caller;
  };
  void forget_call();
  void commit(const Decided& what);
  void compare(const Job& known, const Job& found, const Books& books, Death how);
  void take_unanswered(const Job& known, const Job& found);
  void violation(const Job& job, const std::string& what);

  WitnessReports reports_;
  std::map<ItemId, Job> jobs_;
  std::map<ItemId, std::uint64_t> promised_;  ///< the newest version that a power cut must not take back
  std::optional<Decided> decided_;            ///< by the call under way
  bool claiming_ = false;
};

}  // namespace holdfast::sim
