#include <array>

#include "core/transcript/fill.hpp"
#include "sim/world.hpp"

/// Troubles that are drawn from dice of their own: what stands around a server, and what its store refuses.
namespace holdfast::sim {

/// A full disk, or somebody who has the store locked.
void World::refuse_writes() {
  struck("fault/store_refuses");
  note("the store takes no writes");
  store_faults_.refuses_as = guard_dice_.below(2) == 0 ? ErrorClass::transient : ErrorClass::resource;
  store_faults_.refuses_until =
      timeline_.now() + milliseconds{static_cast<std::int64_t>(guard_dice_.below(600'000))};
}

std::map<ItemId, BlobId> World::spooled() const {
  std::map<ItemId, BlobId> all;
  for (const auto& [node, disk] : spools_) all.merge(disk.uploads());
  return all;
}

/// FFmpeg's, the speech model's, or that of a service that is none of ours.
void World::trouble_a_service() {
  constexpr std::array<std::string_view, 3> kManners{"fault/service_away", "fault/service_slow",
                                                     "fault/service_flapping"};
  const std::uint64_t which = guard_dice_.below(3);
  const std::uint64_t manner = guard_dice_.below(kManners.size());
  const MonoTime now = timeline_.now();
  const ServiceTrouble trouble{.from = now,
                               .until = now + milliseconds{static_cast<std::int64_t>(guard_dice_.below(600'000))},
                               .manner = static_cast<Manner>(manner),
                               .period = milliseconds{static_cast<std::int64_t>(1'000 + guard_dice_.below(60'000))}};
  (which == 2 ? guard_.elsewhere : worker_faults_.trouble_with[which == 0 ? WorkerKind::media : WorkerKind::speech]) =
      trouble;
  struck(kManners[manner]);
  note("trouble with service " + std::to_string(which));
}

/// With dice of their own, so that a seed's other draws stay as they are.
void World::plan_fill(milliseconds mean) {
  if (!scenario_.fills) return;
  const auto wait = milliseconds{static_cast<std::int64_t>(fill_dice_.below(static_cast<std::uint64_t>(mean.count())))};
  agenda_.emplace(std::pair{timeline_.now() + milliseconds{1} + wait, fill_dice_.next()}, [this, mean] {
    if (healed_) return;
    ask_to_fill();
    plan_fill(mean);
  });
}

/// All gaps of an item, or its first one, in whatever state the item is.
void World::ask_to_fill() {
  Node* node = nodes_[fill_dice_.below(nodes_.size())].get();
  if (node == nullptr || storage_->jobs().empty()) return;
  auto job = storage_->jobs().begin();
  std::advance(job, static_cast<std::ptrdiff_t>(fill_dice_.below(storage_->jobs().size())));
  const auto gaps = expected_gaps(nature_of(job->second.input.name));
  const bool one = fill_dice_.below(2) == 0 && !gaps.empty();
  struck("people/fill");
  node->fill(job->first, one ? gaps.front().start_ms : transcript::kAll);
}

void World::change_limits() {
  admission::Limits limits;
  limits.active_users_max = static_cast<unsigned>(guard_dice_.below(4));
  limits.waiting_max = static_cast<unsigned>(guard_dice_.below(6));
  if (guard_dice_.below(3) == 0) limits.waiting_max_of["media"] = static_cast<unsigned>(1 + guard_dice_.below(4));
  Node* node = nodes_[guard_dice_.below(nodes_.size())].get();
  if (node == nullptr) return;
  struck("people/limits");
  note("limits are changed at node " + std::to_string(node->number()));
  node->change_limits(std::move(limits));
}

}  // namespace holdfast::sim
