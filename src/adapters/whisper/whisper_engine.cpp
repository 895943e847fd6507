#include "adapters/whisper/whisper_engine.hpp"

#include <algorithm>
#include <new>

#include "adapters/whisper/engine_log.hpp"

namespace holdfast::whisper {

namespace {

/// whisper.cpp counts in hundredths of a second, its time marks in fiftieths.
constexpr std::int64_t kMarkMs = 20;
/// A guess of when a token began is kept if the decoder gave it at least this much of its probability.
constexpr float kGuessMin = 0.01F;

std::unexpected<Error> broke(std::string_view what) {
  return fail(ErrorClass::transient, "HF-ENG-01", "whisper.cpp failed: " + std::string{what});
}
std::unexpected<Error> out_of_memory() {
  return fail(ErrorClass::resource, "HF-ENG-04", "there is not enough memory for the speech model");
}

/// The language is told from this much of the window. It is enough on every recording tried, and the encoder needs a
/// quarter of the time that a whole window takes.
constexpr int kLanguageContext = 512;  // frames of the encoder, 20 ms each
constexpr std::size_t kLanguageSamples = kLanguageContext * 320;

/// What the callbacks of one call see.
struct Watch {
  const std::function<bool()>* going_on = nullptr;
  std::atomic<bool> stopped = false;
  std::atomic<int> decodings =
      0;  ///< beginnings of a decoding: more than one means that the first was not good enough
};

bool should_abort(void* data) {
  auto& watch = *static_cast<Watch*>(data);
  if (!watch.stopped && !(*watch.going_on)()) watch.stopped = true;
  return watch.stopped;
}

void count_decodings(whisper_context*, whisper_state*, const whisper_token_data*, int tokens_count, float*,
                     void* data) {
  if (tokens_count == 0) ++static_cast<Watch*>(data)->decodings;
}

whisper_full_params params_of(const HearOptions& options, int threads, Watch& watch) {
  const bool is_beam = options.beam_size > 1;
  auto params = whisper_full_default_params(is_beam ? WHISPER_SAMPLING_BEAM_SEARCH : WHISPER_SAMPLING_GREEDY);
  params.n_threads = threads;
  params.language = options.language.c_str();
  params.no_context = true;
  params.single_segment =
      true;  // one encoder pass; the segments are made from the time marks among the tokens
  params.print_progress = false;
  params.print_timestamps = false;
  params.temperature = static_cast<float>(options.temperature);
  if (is_beam) params.beam_search.beam_size = static_cast<int>(options.beam_size);
  params.abort_callback = &should_abort;
  params.abort_callback_user_data = &watch;
  params.logits_filter_callback = &count_decodings;
  params.logits_filter_callback_user_data = &watch;
  return params;
}

/// `from_ms` is where in the window the decoder's clock began.
speech::TimedToken token_of(whisper_context* context, const whisper_token_data& data, std::int64_t from_ms) {
  const whisper_token first_mark = whisper_token_beg(context);
  if (data.id >= first_mark) {
    return {.probability = data.p,
            .is_mark = true,
            .time_ms = from_ms + (data.id - first_mark) * kMarkMs,
            .time_probability = data.p};
  }
  const bool guessed = data.pt > kGuessMin && data.ptsum > kGuessMin && data.tid >= first_mark;
  return {.bytes = whisper_token_to_str(context, data.id),
          .probability = data.p,
          .time_ms = guessed ? from_ms + (data.tid - first_mark) * kMarkMs : -1,
          .time_probability = data.pt};
}

/// Where the clock of answer `i` began: 0 but for speech so dense that its tokens did not fit into one answer.
std::int64_t clock_start_ms(whisper_context* context, whisper_state* state, int i) {
  if (i == 0 || whisper_full_n_tokens_from_state(state, i) == 0) return 0;
  const auto first = whisper_full_get_token_data_from_state(state, i, 0);
  const std::int64_t on_clock_ms = (first.tid - whisper_token_beg(context)) * kMarkMs;
  return std::max<std::int64_t>(0, whisper_full_get_segment_t0_from_state(state, i) * 10 - on_clock_ms);
}

HeardWindow heard_in(whisper_context* context, whisper_state* state) {
  HeardWindow heard;
  double log_probability = 0;
  int count = 0;
  for (int i = 0; i < whisper_full_n_segments_from_state(state); ++i) {
    heard.no_speech_probability = whisper_full_get_segment_no_speech_prob_from_state(state, i);
    const std::int64_t from_ms = clock_start_ms(context, state, i);
    for (int k = 0; k < whisper_full_n_tokens_from_state(state, i); ++k) {
      const auto data = whisper_full_get_token_data_from_state(state, i, k);
      log_probability += data.plog;
      ++count;
      const bool is_control = data.id >= whisper_token_eot(context) && data.id < whisper_token_beg(context);
      if (!is_control) heard.tokens.push_back(token_of(context, data, from_ms));
    }
  }
  if (count > 0) heard.log_probability_mean = log_probability / count;
  return heard;
}

/// Makes the spectrogram of `pcm` and sets the encoder's context for the calls that follow, and decodes nothing: the
/// library takes the context's length from here only, and ends where a tenth of a second is to be heard.
bool prepare(whisper_context* context, whisper_state* state, std::span<const float> pcm, int threads) {
  auto params = whisper_full_default_params(WHISPER_SAMPLING_GREEDY);
  params.n_threads = threads;
  params.print_progress = false;
  params.audio_ctx = kLanguageContext;
  params.duration_ms = 100;
  return whisper_full_with_state(context, state, params, pcm.data(), static_cast<int>(pcm.size())) == 0;
}

}  // namespace

WhisperEngine::WhisperEngine(ContextPtr context, StatePtr state, unsigned threads)
    : context_{std::move(context)}, state_{std::move(state)}, threads_{static_cast<int>(threads)} {}

std::string WhisperEngine::name() const { return std::string{"whisper.cpp "} + whisper_version(); }

bool WhisperEngine::speaks(const std::string& language) const {
  const int id = whisper_lang_id(language.c_str());
  if (id < 0 || language != whisper_lang_str(id)) return false;
  return whisper_is_multilingual(context_.get()) != 0 || language == "en";
}

/// The random numbers of a state go on from call to call, and other things of it too; a new one makes the next
/// answer independent of what was asked before.
Result<void> WhisperEngine::want_fresh_state() {
  if (state_ && !is_used_) return {};
  state_.reset();
  state_.reset(whisper_init_state(context_.get()));
  is_used_ = false;
  if (!state_) return out_of_memory();
  return {};
}

Result<LanguageGuess> WhisperEngine::detect_language(std::span<const float> pcm) {
  if (whisper_is_multilingual(context_.get()) == 0) return LanguageGuess{"en", 1};
  HF_TRY_VOID(want_fresh_state());
  is_used_ = true;
  const auto beginning = pcm.first(std::min(pcm.size(), kLanguageSamples));
  if (!prepare(context_.get(), state_.get(), beginning, threads_)) return broke("spectrogram");
  std::vector<float> probabilities(static_cast<std::size_t>(whisper_lang_max_id()) + 1, 0);
  const int best =
      whisper_lang_auto_detect_with_state(context_.get(), state_.get(), 0, threads_, probabilities.data());
  if (best < 0) return broke("language detection");
  return LanguageGuess{whisper_lang_str(best), probabilities[static_cast<std::size_t>(best)]};
}

Result<HeardWindow> WhisperEngine::transcribe(std::span<const float> pcm, HearOptions options) {
  HF_TRY_VOID(want_fresh_state());
  Watch watch{.going_on = &options.going_on};
  const auto params = params_of(options, threads_, watch);
  is_used_ = true;
  try {
    const int status = whisper_full_with_state(context_.get(), state_.get(), params, pcm.data(),
                                               static_cast<int>(pcm.size()));
    if (watch.stopped) return fail(ErrorClass::canceled, "HF-SRV-02", "the transcript is no longer wanted");
    if (status != 0 && take_memory_refusal()) return out_of_memory();
    if (status != 0) return broke("status " + std::to_string(status));
  } catch (const std::bad_alloc&) {
    return out_of_memory();
  }
  HeardWindow heard = heard_in(context_.get(), state_.get());
  is_used_ = options.beam_size > 1 || watch.decodings > 1 || options.temperature > 0;  // it drew lots
  return heard;
}

}  // namespace holdfast::whisper

namespace holdfast {

Result<std::unique_ptr<SpeechEngine>> open_speech_engine(const SpeechModel& model) {
  whisper::keep_errors_only();
  auto params = whisper_context_default_params();
  params.use_gpu = false;
  try {
    whisper::ContextPtr context{whisper_init_from_file_with_params_no_state(model.file.c_str(), params)};
    if (!context && whisper::take_memory_refusal()) return whisper::out_of_memory();
    if (!context) {
      return fail(ErrorClass::dependency, "HF-ENG-02",
                  model.file + " is not a model that whisper.cpp can load");
    }
    whisper::StatePtr state{whisper_init_state(context.get())};
    if (!state) return whisper::out_of_memory();
    return std::make_unique<whisper::WhisperEngine>(std::move(context), std::move(state), model.threads);
  } catch (const std::bad_alloc&) {
    return whisper::out_of_memory();
  }
}

}  // namespace holdfast
