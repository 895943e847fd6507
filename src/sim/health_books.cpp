#include "sim/health_books.hpp"

namespace holdfast::sim {
namespace {

std::string service_name(int node, const std::string& service) { return node_name(node) + ": " + service; }

}  // namespace

void HealthBooks::started(int node) {
  std::erase_if(entries_, [node](const auto& entry) { return entry.first.first == node; });
}

void HealthBooks::answered(int node, const std::string& service, bool well) {
  Entry& entry = entries_[{node, service}];
  if (entry.owed)
    complain_(service_name(node, service) + (*entry.owed ? " is back" : " is away") + ", and nobody says so");
  entry.owed.reset();
  entry.misses = well ? 0 : entry.misses + 1;
  const unsigned enough = service == "elsewhere" ? kMissesElsewhere : kMisses;
  const bool down = !well && (entry.up != true || entry.misses >= enough);
  const std::optional<bool> now = well ? std::optional{true} : down ? std::optional{false} : entry.up;
  if (now == entry.up) return;
  entry.up = entry.owed = now;
  entry.since = timeline_.now();
}

void HealthBooks::told(int node, const std::string& service, bool up) {
  coverage_.reached("health/" + service + (up ? " up" : " down"));
  const auto found = entries_.find({node, service});
  if (found == entries_.end()) return;  // nobody tells us of its probes
  Entry& entry = found->second;
  if (entry.up != up)
    complain_(service_name(node, service) + " is said to be " + (up ? "up" : "down") + " after " +
              std::to_string(entry.misses) + " questions without an answer");
  entry.owed.reset();
}

bool HealthBooks::was_down(int node, const std::string& service, MonoTime at) const {
  const auto entry = entries_.find({node, service});
  if (entry == entries_.end() || !entry->second.up) return false;
  return *entry->second.up ? entry->second.since > at : entry->second.since <= at;
}

}  // namespace holdfast::sim
