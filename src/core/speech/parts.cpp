#include "core/speech/parts.hpp"

#include <algorithm>

namespace holdfast::speech {
namespace {

/// Deep enough for a window of half a minute in parts of a tenth of a second.
constexpr int kDepthMax = 8;

Window part_of(const Window& window, const Region& span) {
  return {.start_ms = span.start_ms,
          .end_ms = span.end_ms,
          .pieces = within(window.pieces, span),
          .speech = within(window.speech, span)};
}

/// Halves it where it is quiet near its middle, until each half is short enough.
void split(const Window& window, std::int64_t part_ms_max, const QuietestIn& quietest, int depth,
           std::vector<Window>& out) {
  if (window.speech.empty()) return;
  if (heard_ms(window) <= part_ms_max || depth == kDepthMax) return out.push_back(window);
  const std::int64_t third = heard_ms(window) / 3;
  const Region middle{recording_ms(window, third, false), recording_ms(window, 2 * third, true)};
  const std::int64_t at = std::clamp(quietest(middle), middle.start_ms, middle.end_ms);
  split(part_of(window, {window.start_ms, at}), part_ms_max, quietest, depth + 1, out);
  split(part_of(window, {at, window.end_ms}), part_ms_max, quietest, depth + 1, out);
}

}  // namespace

std::vector<Region> within(const std::vector<Region>& regions, const Region& span) {
  std::vector<Region> out;
  for (const Region& region : regions) {
    const Region inside{std::max(region.start_ms, span.start_ms), std::min(region.end_ms, span.end_ms)};
    if (inside.start_ms < inside.end_ms) out.push_back(inside);
  }
  return out;
}

std::vector<Window> parts_of(const Window& window, std::int64_t part_ms_max, const QuietestIn& quietest) {
  if (part_ms_max == 0) return {window};
  std::vector<Window> parts;
  split(window, part_ms_max, quietest, 0, parts);
  return parts;
}

}  // namespace holdfast::speech
