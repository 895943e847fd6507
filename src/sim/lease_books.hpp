#pragma once

#include <map>
#include <optional>

#include "sim/complain.hpp"
#include "sim/storage.hpp"
#include "sim/timeline.hpp"

namespace holdfast::sim {

/// Nobody takes work from a holder who is well: it beats, however long the work lasts and however busy the worker is.
class LeaseBooks {
 public:
  LeaseBooks(const Timeline& timeline, milliseconds lease_for, Complain complain)
      : timeline_{timeline}, lease_for_{lease_for}, complain_{std::move(complain)} {}

  void began(int node, const ItemId& item, Fence fence) { at_work_[{item, fence}] = {node, timeline_.now()}; }
  void ended(const ItemId& item, Fence fence) { at_work_.erase({item, fence}); }
  void node_gone(int node);
  /// `calm_since`: since when each node has run undisturbed; `store_since`: since when the store has.
  void committed(const Commit& commit, const std::map<int, MonoTime>& calm_since, MonoTime store_since);

 private:
  struct Work {
    int node = 0;
    MonoTime since{};
  };
  const Timeline& timeline_;
  milliseconds lease_for_;
  Complain complain_;
  std::map<std::pair<ItemId, Fence>, Work> at_work_;
};

}  // namespace holdfast::sim
