#pragma once

#include <functional>
#include <span>
#include <string>

#include "core/speech/hearing.hpp"
#include "core/speech/judgement.hpp"
#include "ports/speech_engine.hpp"
#include "worker/wav_file.hpp"

namespace holdfast::worker {

/// What holds for all windows of a run.
struct HearingContext {
  SpeechEngine& engine;
  const WavFile& wav;
  std::string language;
  unsigned beam_size = 1;
  bool knows_voices = true;  ///< of the detector that found the speech
  bool fills = false;        ///< gaps of a transcript
  std::function<bool()> going_on;
};

/// The best that could be made of a window, and whether the engine was able to work at all.
struct BestTake {
  speech::Take take;
  Error failure{ErrorClass::transient, "HF-ENG-01", "the engine was not asked"};  ///< the last of the engine's, where
  bool worked = false;                                                           ///< it never worked
};

/// Hears a window in one way after the other until a take is good, and answers the best of them. An engine that gives
/// an error for the window is asked in the next way; where all ways fail, the known sound tells the engine's fault
/// from the window's. Errors: canceled, resource HF-ENG-04, transient HF-STO-01; transient HF-ENG-01 (the engine cannot
/// hear the known sound either).
Result<BestTake> hear_window(const HearingContext& context, const speech::Window& window,
                             std::span<const speech::Hearing> ways);

/// The middle of the quietest 20 ms of a stretch. Where the recording cannot be read, its end: hearing it says so.
std::int64_t quietest_in(const WavFile& wav, speech::Region stretch);
Result<std::vector<float>> sound_of(const WavFile& wav, const speech::Window& window);

}  // namespace holdfast::worker
