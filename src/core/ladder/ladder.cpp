#include "core/ladder/ladder.hpp"

#include <algorithm>

namespace holdfast::ladder {
namespace {

milliseconds pause(const Policy& policy, unsigned relapses) {
  return policy.up_after * (std::int64_t{1} << std::min(relapses, policy.doublings_max));
}

/// Whether the memory that is free has room for the step and some to spare.
bool fits(const Step& step, const Policy& policy, std::optional<std::uint64_t> free_bytes) {
  return !free_bytes || *free_bytes >= step.needs_bytes + step.needs_bytes / 100 * policy.spare_percent;
}

}  // namespace

Ladder fallen(Ladder ladder, const std::vector<Step>& steps, const Policy& policy, MonoTime now) {
  ladder.relapses += ladder.trying ? 1 : 0;
  ladder.trying = false;
  ladder.up_at = now + pause(policy, ladder.relapses);
  for (std::size_t below = ladder.step + 1; below < steps.size(); ++below) {
    if (!steps[below].usable) continue;
    ladder.step = below;
    break;
  }
  return ladder;
}

Ladder proven(Ladder ladder) {
  if (ladder.trying) ladder.relapses = 0;
  ladder.trying = false;
  return ladder;
}

std::optional<Ladder> climbed(const Ladder& ladder, const std::vector<Step>& steps, const Policy& policy,
                              std::optional<std::uint64_t> free_bytes, MonoTime now) {
  if (now < ladder.up_at) return std::nullopt;
  for (std::size_t above = ladder.step; above-- > 0;) {
    if (!steps[above].usable) continue;
    if (!fits(steps[above], policy, free_bytes)) return std::nullopt;
    Ladder up = ladder;
    up.step = above;
    up.trying = true;
    up.up_at = now + policy.up_after;
    return up;
  }
  return std::nullopt;
}

}  // namespace holdfast::ladder
