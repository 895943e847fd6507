#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/speech/token.hpp"

namespace holdfast {

/// Recordings reach the engine as mono f32 in [-1, 1] at this rate.
inline constexpr std::int64_t kSpeechRate = 16'000;
/// No engine is given more than this at once: what one Whisper encoder pass sees.
inline constexpr std::int64_t kWindowMsMax = 30'000;

struct SpeechModel {
  std::string file;
  unsigned threads = 1;
};

/// Which language a stretch of speech is in.
struct LanguageGuess {
  std::string language;    ///< ISO 639-1, as the model names it: "en"
  double probability = 0;  ///< 0..1
};

/// How one window is to be heard.
struct HearOptions {
  std::string language;    ///< never "auto": detect first
  unsigned beam_size = 1;  ///< 1: greedy
  double temperature = 0;  ///< where the decoder starts; it goes up by itself when it fails its own checks
  std::function<bool()>
      going_on;  ///< called often while computing; false: stop, the answer is no longer wanted
};

/// What was heard in one window, before any gate.
struct HeardWindow {
  std::vector<speech::TimedToken> tokens;  ///< in order; times in milliseconds from the window's start
  double no_speech_probability = 0;        ///< 0..1, that there is no speech at all
  double log_probability_mean = 0;         ///< of the tokens; below -1 is a guess
};

/// Port: turns one window of speech into timed tokens. Not safe for use by two threads.
class SpeechEngine {
 public:
  virtual ~SpeechEngine() = default;
  /// Name and version: "whisper.cpp 1.9.1".
  [[nodiscard]] virtual std::string name() const = 0;
  [[nodiscard]] virtual bool speaks(const std::string& language) const = 0;
  /// Errors: resource HF-ENG-04, transient HF-ENG-01 (the computation failed).
  virtual Result<LanguageGuess> detect_language(std::span<const float> pcm) = 0;
  /// `pcm` is at most kWindowMsMax. The answer depends on the arguments alone, never on earlier calls.
  /// Errors: canceled (`going_on` said so), resource HF-ENG-04, transient HF-ENG-01.
  virtual Result<HeardWindow> transcribe(std::span<const float> pcm, HearOptions options) = 0;
};

/// Port: how likely each frame of a block of a recording is speech.
class VoiceDetector {
 public:
  virtual ~VoiceDetector() = default;
  /// Samples in one frame; the same for the detector's whole life.
  [[nodiscard]] virtual std::size_t frame_samples() const = 0;
  /// Takes the next piece of the block, a whole number of frames unless it is the last piece.
  /// Errors: transient HF-ENG-01.
  virtual Result<void> hear(std::span<const float> pcm) = 0;
  /// One probability (0..1) for each frame of the block, and a fresh start for the next block.
  virtual std::vector<float> take() = 0;
  /// Whether it knows how voices sound. False: it takes what is loud for speech.
  [[nodiscard]] virtual bool knows_voices() const { return true; }
};

/// Defined once by each engine's folder (src/adapters/whisper): the program gets the engine it is linked
/// with. Errors: dependency HF-ENG-02 (the file is no model of this engine), resource HF-ENG-04.
Result<std::unique_ptr<SpeechEngine>> open_speech_engine(const SpeechModel& model);
Result<std::unique_ptr<VoiceDetector>> open_voice_detector(const std::string& file);

}  // namespace holdfast
