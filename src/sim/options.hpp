#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "core/base/result.hpp"
#include "sim/scenario.hpp"

namespace holdfast::sim {

/// The command line of holdfast-sim.
struct Options {
  std::uint64_t seed_from = 1;
  std::uint64_t seed_to = 1;
  double hours = 1;
  std::string bug;
  StoreChoice store;  ///< nothing: drawn from each seed
  unsigned threads = 1;
  bool trace = false;
  bool json = false;
  bool list_bugs = false;
  bool help = false;
};

/// Errors: invalid HF-CLI-01 (what is wrong with which word).
Result<Options> parse_options(std::span<const char* const> words);

}  // namespace holdfast::sim
