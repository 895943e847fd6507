#include "core/similar/fusion.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

namespace holdfast::similar {
namespace {

struct Standing {
  Fused fused;
  std::size_t best = 0;  ///< its best place
};

}  // namespace

std::vector<Fused> fuse(std::span<const std::vector<std::string>> rankings) {
  std::map<std::string, Standing> standings;
  for (std::size_t number = 0; number < rankings.size(); ++number) {
    std::set<std::string> seen;
    for (std::size_t place = 1; place <= rankings[number].size(); ++place) {
      const std::string& key = rankings[number][place - 1];
      if (!seen.insert(key).second) continue;
      Standing& standing = standings[key];
      standing.best = standing.fused.key.empty() ? place : std::min(standing.best, place);
      standing.fused.key = key;
      standing.fused.score += 1 / (kFusionConstant + static_cast<double>(place));
      standing.fused.rankings.push_back(number);
    }
  }
  std::vector<Standing> order;
  for (auto& [key, standing] : standings) order.push_back(std::move(standing));
  std::ranges::sort(order, [](const Standing& left, const Standing& right) {
    return std::tuple{-left.fused.score, left.best, std::string_view{left.fused.key}} <
           std::tuple{-right.fused.score, right.best, std::string_view{right.fused.key}};
  });
  std::vector<Fused> fused;
  for (Standing& standing : order) fused.push_back(std::move(standing.fused));
  return fused;
}

}  // namespace holdfast::similar
