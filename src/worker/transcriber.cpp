#include "worker/transcriber.hpp"

#include <utility>

#include "core/speech/parts.hpp"
#include "worker/window_hearing.hpp"

namespace holdfast::worker {

namespace {

using speech::Region;
using speech::Window;

/// Less speech than this says little about the language ...
constexpr std::int64_t kLanguageSpeechMs = 3'000;
/// ... and after so many windows the one with most speech decides.
constexpr int kLanguageWindowsMax = 10;
/// An engine that fails at the first windows of a recording, so many of them, has failed at all of it.
constexpr std::size_t kFailedFirstMax = 3;

/// One run over one recording.
class Run {
 public:
  Run(SpeechEngine& engine, VoiceDetector& detector, const WavFile& wav, SpeechRequest request,
      TranscriptListener& listener)
      : engine_{engine}, detector_{detector}, wav_{wav}, request_{std::move(request)}, listener_{listener} {}

  Result<SpeechReport> transcribe();
  Result<SpeechReport> refill();

 private:
  Result<void> settle_language();
  Result<std::optional<Window>> telling_window();
  Result<std::optional<Window>> window_after(VoiceMap& voices, std::int64_t from_ms);
  Result<void> hear_and_tell(const Window& window);
  Result<void> tell(WindowDone done, const BestTake& best);
  Result<SpanHeard> refilled(const Region& span);
  [[nodiscard]] HearingContext context() const;
  bool tell_progress() const;

  SpeechEngine& engine_;
  VoiceDetector& detector_;
  const WavFile& wav_;
  SpeechRequest request_;
  TranscriptListener& listener_;
  SpeechReport report_;
  std::int64_t position_ms_ = 0;
  std::vector<WindowDone> untold_;  ///< from the recording's start on the engine has failed at all of these
  Error failure_{ErrorClass::transient, "HF-ENG-01", ""};
  bool worked_ = false;  ///< the engine, at some window of this recording
};

bool Run::tell_progress() const {
  const std::int64_t whole = std::max<std::int64_t>(1, wav_.duration_ms());
  return listener_.on_progress(std::min(1.0, static_cast<double>(position_ms_) / static_cast<double>(whole)));
}

HearingContext Run::context() const {
  return {.engine = engine_,
          .wav = wav_,
          .language = report_.language,
          .beam_size = request_.beam_size,
          .knows_voices = detector_.knows_voices(),
          .fills = !request_.spans.empty(),
          .going_on = [this] { return tell_progress(); }};
}

void strip_words(std::vector<Segment>& segments) {
  for (Segment& segment : segments) segment.words.clear();
}

Result<SpeechReport> Run::transcribe() {
  position_ms_ = request_.from_ms;
  worked_ = request_.from_ms > 0;  // a window before has been told, so the engine has worked
  report_.duration_ms = wav_.duration_ms();
  HF_TRY_VOID(settle_language());
  VoiceMap voices{wav_, detector_, request_.from_ms};
  while (!report_.language.empty()) {
    HF_TRY(const auto window, window_after(voices, position_ms_));
    if (!window) break;
    HF_TRY_VOID(hear_and_tell(*window));
  }
  if (!untold_.empty()) return std::unexpected(failure_);
  return std::move(report_);
}

Result<void> Run::hear_and_tell(const Window& window) {
  HF_TRY(BestTake best, hear_window(context(), window, speech::kFirstHearings));
  WindowDone done{.segments = std::move(best.take.segments),
                  .gaps = std::move(best.take.gaps),
                  .position_ms = window.end_ms,
                  .language = report_.language};
  if (!request_.word_times) strip_words(done.segments);
  position_ms_ = window.end_ms;
  report_.speech_ms += speech::total_ms(window.speech);
  return tell(std::move(done), best);
}

/// What the engine failed at is told once it has worked: one that fails everywhere has made no transcript. That depends
/// on the recording's first windows alone, which no resumed run hears again.
Result<void> Run::tell(WindowDone done, const BestTake& best) {
  worked_ = worked_ || best.worked;
  if (!best.worked) failure_ = best.failure;
  untold_.push_back(std::move(done));
  if (!worked_ && untold_.size() >= kFailedFirstMax) return std::unexpected(failure_);
  if (!worked_) return {};
  for (const WindowDone& window : std::exchange(untold_, {})) {
    if (!listener_.on_window(window))
      return fail(ErrorClass::canceled, "HF-SRV-02", "the transcript is no longer wanted");
  }
  return {};
}

Result<SpeechReport> Run::refill() {
  report_.duration_ms = wav_.duration_ms();
  HF_TRY_VOID(settle_language());
  for (const Region& span : request_.spans) {
    HF_TRY(report_.spans.emplace_back(), refilled(span));
    position_ms_ = span.end_ms;
  }
  return std::move(report_);
}

/// Hears nothing outside the span.
Result<SpanHeard> Run::refilled(const Region& span) {
  SpanHeard heard{.span = span};
  VoiceMap voices{wav_, detector_, span.start_ms};
  const auto ahead = std::max(speech::length_ms(span), speech::lookahead_ms({}));
  HF_TRY_VOID(voices.look_ahead(span.start_ms, ahead, [this] { return tell_progress(); }));
  const auto quietest = [this](Region in) { return quietest_in(wav_, in); };
  const auto voiced = speech::within(voices.regions(), span);
  for (Window& window : speech::windows_from(span.start_ms, voiced, quietest, {})) {
    speech::end_by(window, span.end_ms);
    HF_TRY(BestTake best, hear_window(context(), window, speech::kFillHearings));
    if (!request_.word_times) strip_words(best.take.segments);
    std::ranges::move(best.take.segments, std::back_inserter(heard.segments));
    std::ranges::move(best.take.gaps, std::back_inserter(heard.gaps));
    report_.speech_ms += speech::total_ms(window.speech);
  }
  return heard;
}

Result<std::optional<Window>> Run::window_after(VoiceMap& voices, std::int64_t from_ms) {
  const speech::WindowLimits limits;
  HF_TRY_VOID(voices.look_ahead(from_ms, speech::lookahead_ms(limits), [this] { return tell_progress(); }));
  const auto quietest = [this](Region in) { return quietest_in(wav_, in); };
  auto window = speech::next_window(from_ms, voices.regions(), quietest, limits);
  if (window) speech::end_by(*window, wav_.duration_ms());
  return window;
}

/// The first window from the start of the recording with enough speech to tell its language by.
Result<std::optional<Window>> Run::telling_window() {
  VoiceMap voices{wav_, detector_, 0};
  std::optional<Window> best;
  std::int64_t from_ms = 0;
  for (int i = 0; i < kLanguageWindowsMax; ++i) {
    HF_TRY(auto window, window_after(voices, from_ms));
    if (!window) break;
    from_ms = window->end_ms;
    if (best && speech::total_ms(window->speech) <= speech::total_ms(best->speech)) continue;
    best = std::move(window);
    if (speech::total_ms(best->speech) >= kLanguageSpeechMs) break;
  }
  return best;
}

Result<void> Run::settle_language() {
  if (request_.language != "auto") {
    if (!engine_.speaks(request_.language)) {
      return fail(ErrorClass::permanent, "HF-CFG-01",
                  "the model has no language '" + request_.language + "'");
    }
    report_.language = request_.language;
    report_.language_probability = 1;
    return {};
  }
  HF_TRY(const auto window, telling_window());
  if (!window) return {};
  HF_TRY(const auto pcm, sound_of(wav_, *window));
  HF_TRY(const LanguageGuess guess, engine_.detect_language(pcm));
  report_.language = guess.language;
  report_.language_probability = guess.probability;
  return {};
}

}  // namespace

Result<SpeechReport> Transcriber::transcribe(const WavFile& wav, SpeechRequest request,
                                             TranscriptListener& listener) {
  const bool refills = !request.spans.empty();
  Run run{engine_, detector_, wav, std::move(request), listener};
  return refills ? run.refill() : run.transcribe();
}

}  // namespace holdfast::worker
