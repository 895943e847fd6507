#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/retention/retention.hpp"
#include "ports/job_store.hpp"

namespace holdfast {

/// Jobs of one recipe to look for.
struct OverQuery {
  std::string recipe;
  retention::Search search;
  unsigned limit = 50;
};

/// What of the audits is over. Nothing: kept.
struct PruneRequest {
  retention::Age audit;       ///< trails of items that were removed, since the end of the item's work
  retention::Age management;  ///< lines of the audit of management
  unsigned limit = 200;       ///< trails and lines at most
  bool only_count = false;
};

struct Pruned {
  std::size_t trails = 0;
  std::size_t lines = 0;
};

/// Port: what retention asks of the store that answers JobStore, by the same calendar. Every method looks up an index
/// and deals with a portion, so that none of them takes longer the more is stored. Errors of all methods: as JobStore.
class RetentionStore {
 public:
  virtual ~RetentionStore() = default;

  /// Of jobs that are over, by name.
  virtual Task<Result<std::vector<std::string>>> recipes_over() = 0;
  /// Those whose work ended first, first.
  virtual Task<Result<std::vector<Job>>> over(OverQuery query) = 0;
  /// How many there are, without the limit.
  virtual Task<Result<std::uint64_t>> count_over(OverQuery query) = 0;

  /// Applies a last decision, then takes the job out with everything that belongs to it, its key as well: sent again
  /// under it, something is a new item. Its trail, ended by what the decision says, stays in the event log and in
  /// `JobStore::audit` until it is pruned; what was not delivered of it is delivered as ever. Errors: not_found
  /// HF-ITM-06, conflict HF-ITM-03 (legal.hpp: may_be_removed), what `decide` returned.
  virtual Task<Result<Job>> remove(ItemId id, Decide decide) = 0;

  /// Takes out what is over of the audits, oldest first (retention::coarse_cutoff), and says in the audit of
  /// management, in the same transaction, how much that was. A trail with an event that was not delivered stays.
  virtual Task<Result<Pruned>> prune(PruneRequest request) = 0;

  /// Gives pages of the store that are free back to the disk, at most so many, and leaves it kFreePages to grow into.
  /// Returns how many; 0: none are left to give, or the store cannot. Need not be durable.
  virtual Task<Result<std::size_t>> give_back(unsigned pages_max) = 0;

  static constexpr unsigned kFreePages = 256;
};

}  // namespace holdfast
