#include "core/balance/balance.hpp"

#include <algorithm>

namespace holdfast::balance {
namespace {

/// Has `left` less to do for its weight than `right`?
bool less_loaded(const Place& left, std::uint64_t left_weight, const Place& right, std::uint64_t right_weight) {
  return left.in_flight * right_weight < right.in_flight * left_weight;
}

}  // namespace

std::optional<std::size_t> choose(std::span<Place> places) {
  const bool shared =
      std::ranges::any_of(places, [](const Place& place) { return place.usable && place.weight > 0; });
  const auto weight_of = [shared](const Place& place) { return shared ? place.weight : 1U; };
  std::optional<std::size_t> chosen;
  std::int64_t total = 0;
  for (std::size_t at = 0; at < places.size(); ++at) {
    Place& place = places[at];
    const unsigned weight = weight_of(place);
    if (!place.usable || weight == 0) continue;
    place.credit += weight;
    total += weight;
    if (!chosen) {
      chosen = at;
      continue;
    }
    const Place& best = places[*chosen];
    const unsigned best_weight = weight_of(best);
    const bool lighter = less_loaded(place, weight, best, best_weight);
    const bool heavier = less_loaded(best, best_weight, place, weight);
    if (lighter || (!heavier && place.credit > best.credit)) chosen = at;
  }
  if (chosen) places[*chosen].credit -= total;
  return chosen;
}

}  // namespace holdfast::balance
