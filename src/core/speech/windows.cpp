#include "core/speech/windows.hpp"

namespace holdfast::speech {

namespace {

/// A place where a window may end: after region `last`, with `heard` heard and a pause of `pause_ms`
/// following.
struct Ending {
  std::size_t last = 0;
  std::int64_t heard = 0;
  std::int64_t pause_ms = 0;
};

/// Milliseconds that the pause before region `i` adds to what is heard.
std::int64_t heard_pause(const std::vector<Region>& speech, std::size_t i, const WindowLimits& limits) {
  const std::int64_t pause = speech[i].start_ms - speech[i - 1].end_ms;
  return pause > limits.silence_ms_max ? limits.silence_ms_kept : pause;
}

std::vector<Region> speech_after(std::int64_t from_ms, const std::vector<Region>& regions) {
  std::vector<Region> rest;
  for (Region region : regions) {
    region.start_ms = std::max(region.start_ms, from_ms);
    if (region.start_ms < region.end_ms) rest.push_back(region);
  }
  return rest;
}

std::int64_t window_start(std::int64_t from_ms, const Region& first, const WindowLimits& limits) {
  return std::max({std::int64_t{0}, from_ms, first.start_ms - limits.pad_ms});
}

/// The pad after a region: half of the pause at most, so that the next window keeps as much before its first
/// word.
std::int64_t pad_after(const std::vector<Region>& speech, std::size_t i, const WindowLimits& limits) {
  if (i + 1 == speech.size()) return limits.pad_ms;
  return std::min(limits.pad_ms, (speech[i + 1].start_ms - speech[i].end_ms) / 2);
}

/// Fills `endings` with every region that fits; returns the first that does not, or the count of all.
std::size_t fitting(std::int64_t start, const std::vector<Region>& speech, const WindowLimits& limits,
                    std::vector<Ending>& endings) {
  std::int64_t heard = speech.front().start_ms - start;
  for (std::size_t i = 0; i < speech.size(); ++i) {
    if (i > 0) heard += heard_pause(speech, i, limits);
    heard += length_ms(speech[i]);
    const bool too_far = speech[i].end_ms - start > limits.span_ms_max;
    if (too_far || heard + pad_after(speech, i, limits) > limits.heard_ms_max) return i;
    const bool is_last = i + 1 == speech.size();
    endings.push_back(
        {i, heard, is_last ? limits.silence_ms_max : speech[i + 1].start_ms - speech[i].end_ms});
  }
  return speech.size();
}

/// The ending with the longest pause; of equal ones the latest.
const Ending* longest_pause(const std::vector<Ending>& endings, std::int64_t heard_min,
                            std::int64_t pause_min) {
  const Ending* best = nullptr;
  for (const Ending& ending : endings) {
    if (ending.heard < heard_min || ending.pause_ms < pause_min) continue;
    if (best == nullptr || ending.pause_ms >= best->pause_ms) best = &ending;
  }
  return best;
}

const Ending* choose_pause(const std::vector<Ending>& endings, const WindowLimits& limits) {
  if (const Ending* good = longest_pause(endings, limits.heard_ms_good, 0)) return good;
  return longest_pause(endings, limits.heard_ms_poor, limits.pause_ms_clear);
}

std::vector<Region> pieces_of(std::int64_t start, std::int64_t end, const std::vector<Region>& speech,
                              const WindowLimits& limits) {
  std::vector<Region> pieces{{start, end}};
  for (std::size_t i = 1; i < speech.size(); ++i) {
    if (speech[i].start_ms - speech[i - 1].end_ms <= limits.silence_ms_max) continue;
    pieces.back().end_ms = speech[i - 1].end_ms + limits.silence_ms_kept / 2;
    pieces.push_back({speech[i].start_ms - limits.silence_ms_kept / 2, end});
  }
  return pieces;
}

Window window_of(std::int64_t start, std::int64_t end, std::vector<Region> speech,
                 const WindowLimits& limits) {
  Window window{.start_ms = start, .end_ms = end, .pieces = pieces_of(start, end, speech, limits)};
  window.speech = std::move(speech);
  return window;
}

/// Ends inside region `cut`, at the quietest place that leaves the window well filled.
Window cut_inside(std::int64_t start, std::vector<Region> speech, std::size_t cut, const QuietestIn& quietest,
                  const WindowLimits& limits) {
  speech.resize(cut + 1);
  std::int64_t heard = speech.front().start_ms - start;
  for (std::size_t i = 1; i <= cut; ++i) heard += length_ms(speech[i - 1]) + heard_pause(speech, i, limits);
  Region& region = speech.back();
  const std::int64_t latest = std::min(region.end_ms, region.start_ms + limits.heard_ms_max - heard);
  const std::int64_t earliest =
      std::max(region.start_ms + 1, latest - limits.heard_ms_max + limits.heard_ms_good);
  const std::int64_t end = std::clamp(quietest({earliest, latest}), earliest, latest);
  region.end_ms = end;
  Window window = window_of(start, end, std::move(speech), limits);
  window.cut_in_speech = true;
  return window;
}

/// Is there room to hear a worthwhile part of the region that does not fit?
bool can_cut(std::int64_t start, const std::vector<Region>& speech, std::size_t cut,
             const std::vector<Ending>& endings, const WindowLimits& limits) {
  if (cut == speech.size() || speech[cut].start_ms - start > limits.span_ms_max - limits.heard_ms_max)
    return false;
  return cut == 0 || endings.back().heard + heard_pause(speech, cut, limits) < limits.heard_ms_good;
}

}  // namespace

std::int64_t recording_ms(const Window& window, std::int64_t heard, bool ends) {
  for (const Region& piece : window.pieces) {
    const std::int64_t length = length_ms(piece);
    if (heard < length || (ends && heard == length)) return piece.start_ms + std::max<std::int64_t>(0, heard);
    heard -= length;
  }
  return window.end_ms;
}

std::int64_t unheard_ms(const Window& window, std::int64_t heard) {
  const Region rest{recording_ms(window, heard, false), window.end_ms};
  std::int64_t unheard = 0;
  for (const Region& region : window.speech) unheard += overlap_ms(rest, region);
  return unheard;
}

void end_by(Window& window, std::int64_t duration_ms) {
  window.end_ms = std::min(window.end_ms, duration_ms);
  window.pieces.back().end_ms = std::min(window.pieces.back().end_ms, window.end_ms);
}

std::optional<Window> next_window(std::int64_t from_ms, const std::vector<Region>& regions,
                                  const QuietestIn& quietest, const WindowLimits& limits) {
  std::vector<Region> speech = speech_after(from_ms, regions);
  if (speech.empty()) return std::nullopt;
  const std::int64_t start = window_start(from_ms, speech.front(), limits);
  std::vector<Ending> endings;
  const std::size_t unfit = fitting(start, speech, limits, endings);
  const Ending* ending = unfit == speech.size() ? &endings.back() : choose_pause(endings, limits);
  if (ending == nullptr && can_cut(start, speech, unfit, endings, limits)) {
    return cut_inside(start, std::move(speech), unfit, quietest, limits);
  }
  const std::size_t last = ending == nullptr ? endings.back().last : ending->last;
  const std::int64_t end = speech[last].end_ms + pad_after(speech, last, limits);
  speech.resize(last + 1);
  return window_of(start, end, std::move(speech), limits);
}

std::vector<Window> windows_from(std::int64_t from_ms, const std::vector<Region>& regions,
                                 const QuietestIn& quietest, const WindowLimits& limits) {
  std::vector<Window> windows;
  while (auto window = next_window(from_ms, regions, quietest, limits)) {
    from_ms = window->end_ms;
    windows.push_back(std::move(*window));
  }
  return windows;
}

}  // namespace holdfast::speech
