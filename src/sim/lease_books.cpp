#include "sim/lease_books.hpp"

#include <algorithm>

namespace holdfast::sim {

void LeaseBooks::node_gone(int node) {
  std::erase_if(at_work_, [node](const auto& entry) { return entry.second.node == node; });
}

void LeaseBooks::committed(const Commit& commit, const std::map<int, MonoTime>& calm_since, MonoTime store_since) {
  const bool taken = !commit.caller && commit.before != nullptr && commit.before->lease && !commit.change->after.lease;
  if (!taken) return;
  const auto work = at_work_.find({commit.before->id, commit.before->fence});
  if (work == at_work_.end()) return;
  const auto calm = calm_since.find(work->second.node);
  if (calm == calm_since.end()) return;
  const MonoTime well_since = std::max({work->second.since, calm->second, store_since});
  if (timeline_.now() - well_since > lease_for_)
    complain_(commit.before->id.text() + ": taken from " + node_name(work->second.node) + ", which is well");
}

}  // namespace holdfast::sim
