#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>

#include "ports/worker_pool.hpp"
#include "sim/complain.hpp"
#include "sim/coverage.hpp"
#include "sim/storage.hpp"
#include "sim/timeline.hpp"

namespace holdfast::sim {

struct WorkerFaults;

/// What was promised of workers that run out of memory, in books of our own: one step at a time, never larger too soon
/// or without room, each try that fails longer after the one before; an item whose work ran out ends by policy alone,
/// and says what it was made with, in its mode as well where its recipe has modes.
class LadderBooks {
 public:
  struct Deps {
    const Timeline& timeline;
    const WorkerFaults& workers;
    milliseconds up_after;  ///< so long nothing larger is tried
  };
  LadderBooks(Deps deps, Complain complain, Coverage& coverage)
      : deps_{deps}, complain_{std::move(complain)}, coverage_{coverage} {}

  /// A node starts, with what was configured.
  void began(int node) { entries_[node] = Entry{.ready_at = deps_.timeline.now()}; }
  /// Memory ran out: it goes on with the step `to`, or stays where there is none below.
  void fell(int node, std::size_t from, std::size_t to);
  /// Something larger is tried. `needs`, `free`: bytes; nothing: nobody knows.
  void climbed(int node, std::size_t from, std::size_t to, std::uint64_t needs, std::optional<std::uint64_t> free);
  /// A piece of work ended well.
  void worked(int node);
  /// Not even the least has room: nothing is begun until then.
  void refused(int node, MonoTime until) { entries_[node].refused_until = until; }
  /// It has started.
  void ready(int node);
  /// Since when a probe of it would find it well. Nothing: it would not.
  [[nodiscard]] std::optional<MonoTime> ready_since(int node) const;

  void ran_out(const ItemId& item, Fence fence) { ran_out_.insert({item, fence}); }
  /// Up to this place of the recording, by a worker that had less than was configured.
  void made_with_less(const ItemId& item, Fence fence, std::int64_t position_ms);
  void committed(const Commit& commit);
  /// A power cut has taken back changes: the job is as it is in the store.
  void went_back(const Job& job);

 private:
  using Attempt = std::pair<ItemId, Fence>;
  struct Entry {
    std::size_t step = 0;
    MonoTime up_from{};    ///< nothing larger may be tried before
    unsigned relapses = 0;  ///< tries in a row that ran out
    bool trying = false;
    std::optional<MonoTime> refused_until{};
    MonoTime ready_at{};
  };
  void check_end(const Commit& commit);
  void check_told(const Commit& commit);
  void remember_kept(const Commit& commit);
  void check_mode(const Commit& commit);

  Deps deps_;
  Complain complain_;
  Coverage& coverage_;
  std::map<int, Entry> entries_;
  std::set<Attempt> ran_out_;
  std::map<Attempt, std::set<std::int64_t>> with_less_;  ///< places
  std::set<ItemId> ever_with_less_;
  std::set<ItemId> kept_less_;  ///< some of whose transcript, as it is kept, was made with less
};

}  // namespace holdfast::sim
