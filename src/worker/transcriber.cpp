#include "worker/transcriber.hpp"

#include "core/speech/energy_gate.hpp"
#include "core/speech/gates.hpp"
#include "core/speech/words.hpp"

namespace holdfast::worker {

namespace {

using speech::Region;
using speech::Window;

/// Less speech than this says little about the language ...
constexpr std::int64_t kLanguageSpeechMs = 3'000;
/// ... and after so many windows the one with most speech decides.
constexpr int kLanguageWindowsMax = 10;
/// Where a loop is tried again: warm enough to leave it, cool enough to stay with the sound.
constexpr double kRetryTemperature = 0.4;
/// Speech that a window's text does not reach and that is longer than this is heard once more by itself.
constexpr std::int64_t kUnheardMsMax = 1'000;
/// How often a window is heard anew behind the place where its text ended.
constexpr int kHearingsMax = 3;
/// The engine is never given less than this: shorter is filled up with silence.
constexpr std::size_t kSamplesMin = kSpeechRate / 2;

/// One run over one recording.
class Run {
 public:
  Run(SpeechEngine& engine, VoiceDetector& detector, const WavFile& wav, SpeechRequest request,
      TranscriptListener& listener)
      : engine_{engine}, detector_{detector}, wav_{wav}, request_{std::move(request)}, listener_{listener} {}

  Result<SpeechReport> transcribe();

 private:
  Result<void> settle_language();
  Result<std::optional<Window>> telling_window();
  Result<std::optional<Window>> window_after(VoiceMap& voices, std::int64_t from_ms);
  Result<WindowDone> heard(const Window& window);
  Result<std::vector<Segment>> attempt(const Window& window, double temperature);
  Result<std::vector<speech::TimedToken>> tokens_of(const Window& window, double temperature);
  Result<std::vector<float>> sound_of(const Window& window) const;
  [[nodiscard]] std::int64_t quietest_in(Region stretch) const;
  bool tell_progress();

  SpeechEngine& engine_;
  VoiceDetector& detector_;
  const WavFile& wav_;
  SpeechRequest request_;
  TranscriptListener& listener_;
  SpeechReport report_;
  std::int64_t position_ms_ = 0;
};

bool Run::tell_progress() {
  const std::int64_t whole = std::max<std::int64_t>(1, wav_.duration_ms());
  return listener_.on_progress(std::min(1.0, static_cast<double>(position_ms_) / static_cast<double>(whole)));
}

Result<SpeechReport> Run::transcribe() {
  position_ms_ = request_.from_ms;
  report_.duration_ms = wav_.duration_ms();
  HF_TRY_VOID(settle_language());
  VoiceMap voices{wav_, detector_, request_.from_ms};
  while (!report_.language.empty()) {
    HF_TRY(const auto window, window_after(voices, position_ms_));
    if (!window) break;
    HF_TRY(const WindowDone done, heard(*window));
    position_ms_ = window->end_ms;
    report_.speech_ms += speech::total_ms(window->speech);
    if (!listener_.on_window(done))
      return fail(ErrorClass::canceled, "HF-SRV-02", "the transcript is no longer wanted");
  }
  return std::move(report_);
}

/// The quietest place needs no error of its own: where the recording cannot be read, hearing it says so.
std::int64_t Run::quietest_in(Region stretch) const {
  const auto pcm = wav_.read(stretch);
  if (!pcm || pcm->empty()) return stretch.end_ms;
  const auto levels = speech::frame_levels(*pcm);
  const auto frame = std::distance(levels.begin(), std::ranges::min_element(levels));
  return stretch.start_ms +
         static_cast<std::int64_t>((static_cast<double>(frame) + 0.5) * speech::kEnergyFrameMs);
}

Result<std::optional<Window>> Run::window_after(VoiceMap& voices, std::int64_t from_ms) {
  const speech::WindowLimits limits;
  HF_TRY_VOID(voices.look_ahead(from_ms, speech::lookahead_ms(limits), [this] { return tell_progress(); }));
  auto window =
      speech::next_window(from_ms, voices.regions(), [this](Region in) { return quietest_in(in); }, limits);
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
  HF_TRY(const auto pcm, sound_of(*window));
  HF_TRY(const LanguageGuess guess, engine_.detect_language(pcm));
  report_.language = guess.language;
  report_.language_probability = guess.probability;
  return {};
}

Result<std::vector<float>> Run::sound_of(const Window& window) const {
  std::vector<float> pcm;
  for (const Region& piece : window.pieces) {
    HF_TRY(const auto part, wav_.read(piece));
    pcm.insert(pcm.end(), part.begin(), part.end());
  }
  if (pcm.size() < kSamplesMin) pcm.resize(kSamplesMin, 0.0F);
  return pcm;
}

/// Hears the window and, where the decoder stopped before its speech did, the rest of it again.
Result<std::vector<speech::TimedToken>> Run::tokens_of(const Window& window, double temperature) {
  const HearOptions options{.language = report_.language,
                            .beam_size = request_.beam_size,
                            .temperature = temperature,
                            .going_on = [this] { return tell_progress(); }};
  HF_TRY(const auto pcm, sound_of(window));
  std::vector<speech::TimedToken> tokens;
  std::int64_t from_ms = 0;
  for (int i = 0; i < kHearingsMax; ++i) {
    const auto rest = std::span{pcm}.subspan(static_cast<std::size_t>(from_ms * kSpeechRate / 1000));
    HF_TRY(auto answer, engine_.transcribe(rest, options));
    if (speech::is_no_speech(answer.no_speech_probability, answer.log_probability_mean)) break;
    const std::int64_t end_ms = speech::append_tokens(tokens, std::move(answer.tokens), from_ms);
    const bool advanced = end_ms > from_ms;
    from_ms = end_ms;
    if (!advanced || speech::unheard_ms(window, from_ms) <= kUnheardMsMax) break;
  }
  return tokens;
}

Result<std::vector<Segment>> Run::attempt(const Window& window, double temperature) {
  HF_TRY(const auto tokens, tokens_of(window, temperature));
  auto segments = speech::segments_of(tokens, window, speech::has_spaces(report_.language));
  speech::drop_invented(segments, window.speech);
  return segments;
}

Result<WindowDone> Run::heard(const Window& window) {
  WindowDone done{.position_ms = window.end_ms, .language = report_.language};
  HF_TRY(done.segments, attempt(window, 0));
  if (speech::has_loop(done.segments)) {
    HF_TRY(done.segments, attempt(window, kRetryTemperature));
    for (const Region& loop : speech::cut_loops(done.segments, speech::has_spaces(report_.language))) {
      done.gaps.push_back({loop.start_ms, loop.end_ms, "the same words again and again"});
    }
  }
  if (!request_.word_times) {
    for (Segment& segment : done.segments) segment.words.clear();
  }
  return done;
}

}  // namespace

Result<SpeechReport> Transcriber::transcribe(const WavFile& wav, SpeechRequest request,
                                             TranscriptListener& listener) {
  return Run{engine_, detector_, wav, std::move(request), listener}.transcribe();
}

}  // namespace holdfast::worker
