#pragma once

#include <functional>
#include <optional>

#include "core/speech/region.hpp"

/// How a recording is cut into windows that are transcribed one by one. Each window costs one pass of the
/// encoder whatever it holds, so windows are filled; and each ends in a pause if there is one, so that no
/// word is cut.
namespace holdfast::speech {

struct WindowLimits {
  std::int64_t heard_ms_max = 30'000;   ///< what the engine hears at once
  std::int64_t heard_ms_good = 24'000;  ///< from here on the longest pause ends the window
  std::int64_t heard_ms_poor = 18'000;  ///< down to here a clear pause is better than a cut inside speech
  std::int64_t pause_ms_clear = 300;
  std::int64_t pad_ms = 200;             ///< kept before the first and after the last word
  std::int64_t silence_ms_max = 2'000;   ///< a longer silence inside a window is left out ...
  std::int64_t silence_ms_kept = 1'000;  ///< ... except for this much, half on each side
  std::int64_t span_ms_max = 90'000;     ///< of the recording: how far a checkpoint may be behind
};

/// One unit of transcription and of checkpoint.
struct Window {
  std::int64_t start_ms = 0;
  std::int64_t end_ms = 0;     ///< where the next window may begin: the checkpoint
  std::vector<Region> pieces;  ///< what is heard, in order; all of [start, end) but long silences
  std::vector<Region> speech;  ///< the speech in it
  bool cut_in_speech = false;  ///< there was no pause to end in
  bool operator==(const Window&) const = default;
};

/// Milliseconds that the engine hears of it.
inline std::int64_t heard_ms(const Window& window) { return total_ms(window.pieces); }

/// Place in the recording of `heard` milliseconds into what the engine heard. A place at a seam belongs to
/// the earlier piece if `ends` there, to the later one if it begins there.
std::int64_t recording_ms(const Window& window, std::int64_t heard, bool ends);

/// Milliseconds of speech in it later than what is heard first.
std::int64_t unheard_ms(const Window& window, std::int64_t heard);

/// Ends it where the recording does.
void end_by(Window& window, std::int64_t duration_ms);

/// Answers the middle of the quietest 20 ms in a stretch of the recording.
using QuietestIn = std::function<std::int64_t(Region)>;

/// How much of the recording beyond the first speech must be known for `next_window` to be final.
inline std::int64_t lookahead_ms(const WindowLimits& limits) {
  return limits.span_ms_max + limits.heard_ms_max;
}

/// The window that begins at or after `from_ms`, or none if there is no speech left. It depends on `from_ms`
/// and the speech after it, not on earlier windows: so a run that begins at a window's end gives the same
/// later windows. `regions` are in order and do not touch.
std::optional<Window> next_window(std::int64_t from_ms, const std::vector<Region>& regions,
                                  const QuietestIn& quietest, const WindowLimits& limits);

/// All windows from `from_ms` to the end of the recording.
std::vector<Window> windows_from(std::int64_t from_ms, const std::vector<Region>& regions,
                                 const QuietestIn& quietest, const WindowLimits& limits);

}  // namespace holdfast::speech
