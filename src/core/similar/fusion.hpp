#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

/// Several rankings of the same things made into one, without comparing what they were ranked by.
namespace holdfast::similar {

struct Fused {
  std::string key;
  double score = 0;
  std::vector<std::size_t> rankings;  ///< numbers of those in which it is, ascending
};

/// Each place in a ranking is worth 1 / (60 + place), the first being 1; what is worth more comes first. Of equals that
/// which has the better best place, then by key. A key that a ranking names twice counts once, at its better place.
/// Source: Cormack, Clarke and Buettcher, "Reciprocal Rank Fusion Outperforms Condorcet and Individual Rank Learning
/// Methods", SIGIR 2009.
std::vector<Fused> fuse(std::span<const std::vector<std::string>> rankings);

inline constexpr double kFusionConstant = 60;

}  // namespace holdfast::similar
