#include "flow/fallback/strategy.hpp"

#include <algorithm>

#include "flow/fallback/strategies.hpp"

namespace holdfast::fallback {

std::span<const Strategy* const> strategies() {
  static const Similar similar;
  static const Less less;
  static const Rules rules;
  static const Template prepared;
  static const Popular popular;
  static constexpr const Strategy* kStrategies[] = {&similar, &less, &rules, &prepared, &popular};
  return kStrategies;
}

const Strategy* find_strategy(std::string_view name) {
  const auto all = strategies();
  const auto found = std::ranges::find(all, name, &Strategy::name);
  return found == all.end() ? nullptr : *found;
}

}  // namespace holdfast::fallback
