#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/invariant/invariant.hpp"
#include "core/job/policy.hpp"
#include "core/retention/retention.hpp"
#include "sim/breaker_books.hpp"
#include "sim/sim_blobs.hpp"
#include "sim/storage.hpp"
#include "sim/timeline.hpp"

namespace holdfast::sim {

/// Watches a simulated world and remembers every broken promise. It keeps its own books: it trusts neither
/// the store's checks nor the engine's.
class Checker {
 public:
  /// `policy`: the loosest that may be in force. `ages`: of everything that retention may take; nothing of them: it
  /// may take nothing.
  Checker(RetryPolicy policy, unsigned speech_slots, const Timeline& timeline, retention::Ages ages = {})
      : policy_{policy},
        speech_slots_{speech_slots},
        ages_{ages},
        breakers_{timeline, [this](const std::string& what) { violation(what); }} {}

  // What it is told.
  void committed(const Commit& commit);
  void acknowledged(const ItemId& item, const std::string& owner, const std::string& key,
                    const std::string& sha256);
  void delivered(std::uint64_t seq, const ItemId& item, const std::string& type);
  /// A power cut has taken back unanswered changes and unsynced leases: the job is as it is in these books.
  void went_back(const Job& job, const Books& books);
  void worker_died(const ItemId& item, Fence fence, std::int64_t at_ms) { deaths_[{item, fence}] = at_ms; }
  void speech_began(int node);
  void speech_ended(int node) { speaking_[node] -= 1; }
  /// Of circuit breakers, and of calls that got past them.
  BreakerBooks& breakers() { return breakers_; }
  void node_crashed(int node) { speaking_[node] = 0; }

  // What it asks.
  /// Everything that was acknowledged is there, whole: in the store, or in the spool with its file.
  void check_acknowledged(const Books& books, const Shelf& shelf, const std::map<ItemId, BlobId>& spooled = {});
  /// No event that was delivered is forgotten or has become another one.
  void check_delivered(const Books& books);
  /// Every checkpoint stands for just the segments and gaps before it; where gaps were filled, for those as well, and
  /// all else is as an uninterrupted run gives it.
  void check_checkpoints(const Books& books);
  /// Whether every event that is stored was delivered, of what was removed as well.
  [[nodiscard]] bool all_delivered(const Books& books) const;
  /// After all faults have ended and time has passed: everything is over, complete and explained.
  void check_end(const Books& books);

  void violation(const std::string& what);
  [[nodiscard]] const std::vector<std::string>& violations() const { return violations_; }
  [[nodiscard]] std::size_t acknowledged_count() const { return acknowledged_.size(); }

 private:
  struct Acknowledged {
    std::string sha256;
  };
  void check_caller(const Commit& commit);
  void check_claim(const Commit& commit);
  void check_cancel(const Commit& commit);
  void check_death(const Commit& commit);
  void check_cause(const Commit& commit);
  void check_results(const Commit& commit);
  void check_retention(const Commit& commit);
  void check_taken(const Commit& commit, const AuditEntry& entry, const retention::Age& age);
  [[nodiscard]] std::map<std::uint64_t, std::pair<ItemId, std::string>> stored_events(const Books& books) const;
  void check_gone(const ItemId& item, const Books& books);
  void check_once(const Books& books);
  void check_completed(const Books& books, const Job& job);
  static bool is_transcript_of(const Books& books, const Job& job, std::int64_t position_ms);
  static bool same_text(const std::vector<Segment>& one, const std::vector<Segment>& other);

  RetryPolicy policy_;
  unsigned speech_slots_;
  retention::Ages ages_;
  std::map<ItemId, WallTime> over_since_;  ///< as we saw it
  std::set<ItemId> removed_;               ///< by rule
  std::map<ItemId, Acknowledged> acknowledged_;
  std::map<std::pair<std::string, std::string>, ItemId> keys_;
  std::map<ItemId, Fence> newest_fence_;
  std::map<std::pair<ItemId, Fence>, std::int64_t> deaths_;
  /// For an item and its stage: place, deaths there in a row since the last retry by a person.
  std::map<std::pair<ItemId, std::size_t>, std::pair<std::int64_t, unsigned>> crash_row_;
  std::set<ItemId> to_cancel_;  ///< somebody was told that it would be cancelled
  std::map<ItemId, std::set<std::string>> published_;
  std::map<std::uint64_t, std::pair<ItemId, std::string>> delivered_;  ///< item and type
  std::map<ItemId, std::uint64_t> last_delivered_;
  std::map<int, unsigned> speaking_;
  BreakerBooks breakers_;
  std::vector<std::string> violations_;
};

}  // namespace holdfast::sim
