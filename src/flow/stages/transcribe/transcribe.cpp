#include "flow/stages/transcribe/transcribe.hpp"

#include <boost/json.hpp>

#include "flow/stages/body.hpp"
#include "flow/stages/spoken.hpp"
#include "flow/stages/time_budget.hpp"
#include "flow/stages/transcribe/fill_gaps.hpp"

namespace holdfast::stages {
namespace {

namespace json = boost::json;

struct Sound {
  BlobId audio;
  std::int64_t duration_ms = -1;
};

/// What the convert stage left. Errors: permanent HF-STO-03.
Result<Sound> converted(const Job& job) {
  const auto stage = std::ranges::find(job.stages, "convert", &StageRecord::kind);
  const auto output = stage != job.stages.end() ? body::parse_object(stage->output, "the convert stage")
                                                : Result<json::object>{json::object{}};
  const auto audio = output ? body::text_or_empty(*output, "audio") : std::string{};
  if (audio.empty())
    return fail(ErrorClass::permanent, "HF-STO-03", "no earlier stage left a sound to transcribe");
  return Sound{.audio = BlobId{audio}, .duration_ms = body::count_or(*output, "duration_ms", -1)};
}

/// Of whoever sent it; else what the recipe says.
std::string language_of(const StageInput& input) {
  const auto options = body::parse_object(input.job.input.payload, "whoever sent it");
  std::string own = options ? body::text_or_empty(*options, "language") : std::string{};
  return own.empty() ? input.config.language : own;
}

bool fills(const StageInput& input) {
  const auto* stage = current_stage(input.job);
  return stage != nullptr && !stage->fill.empty();
}

}  // namespace

Result<Plan> Transcribe::prepare(const StageInput& input) const {
  HF_TRY(const Sound sound, converted(input.job));
  const auto* stage = current_stage(input.job);
  json::object request{{"type", "transcribe"},
                       {"from_ms", stage != nullptr ? stage->position_ms : 0},
                       {"language", language_of(input)},
                       {"beam_size", input.config.beam_size},
                       {"word_times", true}};
  if (fills(input)) ask_for_spans(input, request);
  return Plan{WorkRequest{.worker = worker(),
                          .item = input.job.id,
                          .fence = input.job.fence,
                          .body = json::serialize(request),
                          .input = sound.audio,
                          .time_max = time_budget(input.config, sound.duration_ms),
                          .silence_max = input.config.silence_max}};
}

Result<decide::StageOutcome> Transcribe::conclude(const StageInput& input, const Finished& answer) const {
  if (fills(input)) return conclude_fill(input, answer);
  HF_TRY(const auto told, body::parse_object(answer.body, "the speech worker"));
  const bool no_speech = spoken(input.segments).empty();
  const auto duration_ms =
      body::count_or(told, "duration_ms", std::max<std::int64_t>(input.job.duration_ms, 0));
  const json::object transcript{{"language", body::text_or_empty(told, "language")},
                                {"language_probability", body::number_or(told, "language_probability", 0)},
                                {"duration_s", body::seconds(duration_ms)},
                                {"gaps", gap_objects(input.gaps)},
                                {"no_speech", no_speech}};
  decide::StageOutcome outcome{.warnings = body::sentences(told, "warnings"), .duration_ms = duration_ms};
  std::ranges::move(lacks(input.gaps.size(), no_speech), std::back_inserter(outcome.warnings));
  outcome.publish.push_back({.name = "transcript", .json = json::serialize(transcript)});
  return outcome;
}

}  // namespace holdfast::stages
