#pragma once

#include <string>
#include <vector>

#include "core/speech/windows.hpp"
#include "core/transcript/segment.hpp"
#include "ports/speech_engine.hpp"
#include "worker/voice_map.hpp"
#include "worker/wav_file.hpp"

namespace holdfast::worker {

struct SpeechRequest {
  std::int64_t id = 0;
  std::int64_t from_ms = 0;       ///< 0, or the end of a window that was transcribed before
  std::string language = "auto";  ///< or the model's name of it: "en"
  unsigned beam_size = 1;
  bool word_times = true;
  std::vector<speech::Region> spans;  ///< not empty: only these are heard, in other ways, to fill gaps
};

/// One window's transcript.
struct WindowDone {
  std::vector<Segment> segments;
  std::vector<Gap> gaps;
  std::int64_t position_ms = 0;  ///< all up to here is in this or earlier windows
  std::string language;
};

/// What was made of one span that was to be filled; all of it lies inside.
struct SpanHeard {
  speech::Region span;
  std::vector<Segment> segments;
  std::vector<Gap> gaps;
};

/// What was found out about the whole. `speech_ms` counts from the request's `from_ms`.
struct SpeechReport {
  std::string language;  ///< empty: there is no speech
  double language_probability = 0;
  std::int64_t duration_ms = 0;
  std::int64_t speech_ms = 0;
  std::vector<SpanHeard> spans;  ///< where only spans were asked for: those, in their order
};

/// Who is told while it goes on. Both answer false when nobody wants the rest.
class TranscriptListener {
 public:
  virtual ~TranscriptListener() = default;
  virtual bool on_window(const WindowDone& window) = 0;
  /// Called very often; `fraction` is 0..1 of the recording.
  virtual bool on_progress(double fraction) = 0;
};

/// Transcribes a recording window by window. The transcript from a window's end on is the same whether a run
/// began there or at 0, for the same engine, model, threads and options.
class Transcriber {
 public:
  Transcriber(SpeechEngine& engine, VoiceDetector& detector) : engine_{engine}, detector_{detector} {}
  /// A window that cannot be heard well is heard in other ways (core/speech/hearing.hpp), and what none of them can
  /// make text of is a gap. Where spans are asked for, no window is told: the report holds what was made of them.
  /// Errors: permanent HF-MED-01; permanent HF-CFG-01 (the model has no such language); canceled; resource
  /// HF-ENG-04; transient HF-ENG-01 (the engine fails at everything), HF-STO-01.
  Result<SpeechReport> transcribe(const WavFile& wav, SpeechRequest request, TranscriptListener& listener);

 private:
  SpeechEngine& engine_;
  VoiceDetector& detector_;
};

}  // namespace holdfast::worker
