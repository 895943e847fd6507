#include "worker/window_hearing.hpp"

#include <algorithm>

#include "core/speech/energy_gate.hpp"
#include "core/speech/gates.hpp"
#include "core/speech/parts.hpp"
#include "core/speech/words.hpp"
#include "worker/known_sound.hpp"

namespace holdfast::worker {
namespace {

using speech::Heard;
using speech::Hearing;
using speech::Region;
using speech::Window;

/// Speech that a window's text does not reach and that is longer than this is heard once more by itself.
constexpr std::int64_t kUnheardMsMax = 1'000;
/// How often a window is heard anew behind the place where its text ended.
constexpr int kHearingsMax = 3;
/// The engine is never given less than this: shorter is filled up with silence.
constexpr std::size_t kSamplesMin = kSpeechRate / 2;

/// An error that says that the computation failed, as opposed to memory, the recording, or nobody wanting it.
bool is_of_the_window(const Error& error) {
  return error.error_class() == ErrorClass::transient && error.code() == "HF-ENG-01";
}

HearOptions options_of(const HearingContext& context, const Hearing& way) {
  return {.language = context.language,
          .beam_size = way.beam_size > 0 ? way.beam_size : context.beam_size,
          .temperature = way.temperature,
          .going_on = context.going_on};
}

/// What several answers of the decoder say together.
struct Tokens {
  std::vector<speech::TimedToken> all;
  double log_probability_sum = 0;

  std::int64_t add(HeardWindow answer, std::int64_t from_ms) {
    log_probability_sum += answer.log_probability_mean * static_cast<double>(answer.tokens.size());
    return speech::append_tokens(all, std::move(answer.tokens), from_ms);
  }
  [[nodiscard]] double log_probability_mean() const {
    return all.empty() ? 0 : log_probability_sum / static_cast<double>(all.size());
  }
};

/// Hears a part and, where the decoder stopped before its speech did, the rest of it again.
Result<Tokens> tokens_of(const HearingContext& context, const Window& part, const HearOptions& options) {
  HF_TRY(const auto pcm, sound_of(context.wav, part));
  Tokens tokens;
  std::int64_t from_ms = 0;
  for (int i = 0; i < kHearingsMax; ++i) {
    const auto rest = std::span{pcm}.subspan(static_cast<std::size_t>(from_ms * kSpeechRate / 1000));
    HF_TRY(auto answer, context.engine.transcribe(rest, options));
    if (speech::is_no_speech(answer.no_speech_probability, answer.log_probability_mean)) break;
    const std::int64_t end_ms = tokens.add(std::move(answer), from_ms);
    const bool advanced = end_ms > from_ms;
    from_ms = end_ms;
    if (!advanced || speech::unheard_ms(part, from_ms) <= kUnheardMsMax) break;
  }
  return tokens;
}

/// One part in one way. The engine's own failure is part of the answer.
Result<Heard> hear_part(const HearingContext& context, const Window& part, const Hearing& way, BestTake& best) {
  Heard heard{.part = part};
  const auto tokens = tokens_of(context, part, options_of(context, way));
  if (!tokens && !is_of_the_window(tokens.error())) return std::unexpected(tokens.error());
  heard.failed = !tokens;
  if (!tokens) {
    best.failure = tokens.error();
    return heard;
  }
  best.worked = true;
  heard.log_probability_mean = tokens->log_probability_mean();
  heard.segments = speech::segments_of(tokens->all, part, speech::has_spaces(context.language));
  return heard;
}

Result<speech::Take> hear_in(const HearingContext& context, const Window& window, const Hearing& way,
                             BestTake& best) {
  const auto quietest = [&](Region stretch) { return quietest_in(context.wav, stretch); };
  std::vector<Heard> parts;
  for (const Window& part : speech::parts_of(window, way.part_ms_max, quietest)) {
    HF_TRY(parts.emplace_back(), hear_part(context, part, way, best));
  }
  const speech::JudgedBy by{.spaced = speech::has_spaces(context.language),
                            .voice = context.knows_voices,
                            .fills = context.fills};
  return speech::judge(std::move(parts), by);
}

/// Errors: `failure` if the engine fails at the known sound as well; resource, canceled.
Result<void> prove_engine(const HearingContext& context, const Error& failure) {
  const auto known = context.engine.transcribe(known_sound(), options_of(context, Hearing{}));
  if (known) return {};
  return std::unexpected(is_of_the_window(known.error()) ? failure : known.error());
}

}  // namespace

std::int64_t quietest_in(const WavFile& wav, Region stretch) {
  const auto pcm = wav.read(stretch);
  if (!pcm || pcm->empty()) return stretch.end_ms;
  const auto levels = speech::frame_levels(*pcm);
  const auto frame = std::distance(levels.begin(), std::ranges::min_element(levels));
  return stretch.start_ms +
         static_cast<std::int64_t>((static_cast<double>(frame) + 0.5) * speech::kEnergyFrameMs);
}

Result<std::vector<float>> sound_of(const WavFile& wav, const Window& window) {
  std::vector<float> pcm;
  for (const Region& piece : window.pieces) {
    HF_TRY(const auto part, wav.read(piece));
    pcm.insert(pcm.end(), part.begin(), part.end());
  }
  if (pcm.size() < kSamplesMin) pcm.resize(kSamplesMin, 0.0F);
  return pcm;
}

Result<BestTake> hear_window(const HearingContext& context, const Window& window, std::span<const Hearing> ways) {
  BestTake best;
  bool first = true;
  for (const Hearing& way : ways) {
    HF_TRY(auto take, hear_in(context, window, way, best));
    if (first || speech::is_better(take, best.take)) best.take = std::move(take);
    first = false;
    if (speech::is_good(best.take)) break;
  }
  if (!best.worked) HF_TRY_VOID(prove_engine(context, best.failure));
  return best;
}

}  // namespace holdfast::worker
