#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "sim/scenario.hpp"

namespace holdfast::sim {

/// A race that is known to have broken a system like this one, as a scenario: set up on purpose, with times and the
/// rest drawn from the seed.
struct Race {
  std::string_view name;
  std::string_view what;
  Scenario (*make)(std::uint64_t seed);
};

std::span<const Race> races();
/// In memory where nothing is chosen; on SQLite there is one node.
Scenario make_race(const Race& race, std::uint64_t seed, const PlantedBugs& bugs, StoreChoice store);
/// nullptr: there is none of that name.
const Race* find_race(std::string_view name);

}  // namespace holdfast::sim
