#include "core/scale/scale.hpp"

#include <algorithm>

namespace holdfast::scale {
namespace {

Scale changed_to(Scale scale, unsigned workers, MonoTime now) {
  if (workers == scale.workers) return scale;
  return {.workers = workers, .changed_at = now, .few_since = {}};
}

}  // namespace

Scale looked(Scale scale, const Moment& moment, const Policy& policy, MonoTime now) {
  if (moment.memory_short) return changed_to(scale, policy.least, now);
  const bool few = moment.waiting && *moment.waiting < policy.less_below;
  if (!few) scale.few_since.reset();
  if (few && !scale.few_since) scale.few_since = now;
  const bool many = moment.waiting && *moment.waiting > policy.more_above;
  const bool first = scale.workers == policy.least;
  if (many && moment.has_room && scale.workers < policy.most && (first || now - scale.changed_at >= policy.more_every))
    return changed_to(scale, scale.workers + 1, now);
  if (scale.few_since && scale.workers > policy.least && now - *scale.few_since >= policy.less_after) {
    scale = changed_to(scale, scale.workers - 1, now);
    scale.few_since = now;
  }
  return scale;
}

}  // namespace holdfast::scale
