#include "flow/queue/artifact.hpp"

#include <boost/json.hpp>

namespace holdfast::queue {
namespace {

const StageRecord* stage_of_kind(const Job& job, std::string_view kind) {
  const auto found = std::ranges::find(job.stages, kind, &StageRecord::kind);
  return found == job.stages.end() ? nullptr : &*found;
}

}  // namespace

std::optional<BlobInfo> converted_audio(const Job& job) {
  const StageRecord* convert = stage_of_kind(job, "convert");
  if (convert == nullptr || convert->state != StageState::completed) return std::nullopt;
  boost::system::error_code bad;
  const auto output = boost::json::parse(convert->output, bad);
  if (bad || !output.is_object()) return std::nullopt;
  const auto text_of = [&](const char* name) {
    const auto* value = output.as_object().if_contains(name);
    return value != nullptr && value->is_string() ? std::string{value->as_string()} : std::string{};
  };
  if (text_of("audio").empty()) return std::nullopt;
  const auto* bytes = output.as_object().if_contains("bytes");
  const bool counted = bytes != nullptr && bytes->is_int64() && bytes->as_int64() >= 0;
  return BlobInfo{.id = BlobId{text_of("audio")},
                  .bytes = counted ? static_cast<std::uint64_t>(bytes->as_int64()) : 0,
                  .sha256 = text_of("sha256")};
}

Task<void> drop_artifacts(EngineState* engine, Job job) {
  if (!artifacts_over(job)) co_return;
  const auto audio = converted_audio(job);
  if (audio) (void)co_await engine->deps.blobs.remove(audio->id);  // the sweep finds what could not be removed
}

std::string retry_from(const Job& job, const std::string& from_stage) {
  const StageRecord* stage = current_stage(job);
  const bool lost = job.error && job.error->code == "HF-STO-03" && stage != nullptr && stage->kind == "transcribe";
  const bool dropped = lost || artifacts_over(job);
  const StageRecord* convert = stage_of_kind(job, "convert");
  if (!dropped || convert == nullptr) return from_stage;
  const auto wanted = std::ranges::find(job.stages, from_stage, &StageRecord::name);
  const bool needs_sound = from_stage.empty() || (wanted != job.stages.end() && wanted->kind == "transcribe");
  const bool transcribed = std::ranges::any_of(
      job.stages, [](const auto& s) { return s.kind == "transcribe" && s.state == StageState::completed; });
  if (from_stage.empty() && transcribed && job.status != JobStatus::completed) return from_stage;
  return needs_sound ? convert->name : from_stage;
}

}  // namespace holdfast::queue
