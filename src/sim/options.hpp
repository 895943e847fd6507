#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "core/base/result.hpp"
#include "sim/races.hpp"

namespace holdfast::sim {

/// The command line of holdfast-sim.
struct Options {
  std::uint64_t seed_from = 1;
  std::uint64_t seed_to = 1;
  double hours = 1;
  std::string bug;
  const Race* race = nullptr;  ///< a scenario by name instead of drawn ones
  StoreChoice store;  ///< nothing: drawn from each seed
  unsigned threads = 1;
  bool trace = false;
  bool json = false;
  bool coverage = false;
  bool list_bugs = false;
  bool list_races = false;
  bool help = false;
};

/// Errors: invalid HF-CLI-01 (what is wrong with which word).
Result<Options> parse_options(std::span<const char* const> words);

}  // namespace holdfast::sim
