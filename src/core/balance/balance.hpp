#pragma once

#include <cstdint>
#include <optional>
#include <span>

/// Which of several that can do the same is asked next.
namespace holdfast::balance {

struct Place {
  unsigned weight = 1;      ///< its share beside the others; 0: only where none that has a share may be asked
  bool usable = true;       ///< it may be asked now
  unsigned in_flight = 0;   ///< what it is at
  std::int64_t credit = 0;  ///< kept from choice to choice; begins at 0
};

/// The one with the least work for its weight; of those with equally little the one whose turn it is, so that calls one
/// after the other are shared out by weight and none gets a run of them. Changes the credits of those that could have
/// been chosen: who was away has nothing to make up for. Nothing: none may be asked. Index into `places`.
/// Source: the order among equals is nginx's smooth weighted round-robin (its commit of 2012-05-14).
std::optional<std::size_t> choose(std::span<Place> places);

}  // namespace holdfast::balance
