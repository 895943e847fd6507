#include "flow/views/downshift_view.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "core/catalogue/catalogue.hpp"
#include "core/transcript/text.hpp"

namespace holdfast::views {
namespace {

namespace json = boost::json;

json::value valid_text_or_null(const std::string& text) {
  if (text.empty()) return nullptr;
  return json::string{transcript::to_valid_utf8(text)};
}

json::value similarity_of(const Fallback& fallback) {
  return fallback.similarity ? json::value(*fallback.similarity) : json::value(nullptr);
}

constexpr const char* kEarlier = "Nothing that this needs answers now; the same was answered before.";

/// How old the answer was when it was given again, in seconds.
json::value age_of(const StageRecord& stage) {
  if (!stage.fallback->made_at || !stage.finished_at) return nullptr;
  return std::max<std::int64_t>((*stage.finished_at - *stage.fallback->made_at).count() / 1000, 0);
}

json::object downshift_object(const StageRecord& stage) {
  const Fallback& fallback = *stage.fallback;
  return {{"stage", stage.name},
          {"strategy", fallback.strategy},
          {"reliability", fallback.reliability},
          {"cause", valid_text_or_null(fallback.cause)},
          {"similarity", similarity_of(fallback)},
          {"answered", valid_text_or_null(fallback.answered)},
          {"age_s", age_of(stage)}};
}

std::string reason_of(const StageRecord& stage) {
  const auto& cause = catalogue::describe(stage.fallback->cause);
  return stage.title + ": " + std::string{cause.title} + " (" + stage.fallback->cause + ")";
}

/// What the stages would have given that were not done in their own way.
json::array lost_of(const Job& job, const Recipe& recipe) {
  json::array lost;
  for (const StageRecord& stage : job.stages) {
    const StageConfig* const config = find_stage(recipe, stage.name);
    const bool left_out = is_lesser(stage) && stage.fallback->strategy != kSmallerModel;
    if (left_out && config != nullptr && !config->gives.empty()) lost.emplace_back(config->gives);
  }
  return lost;
}

json::object impact_of(const Job& job, const Recipe& recipe) {
  const modes::Mode* const mode = modes::find(recipe.modes, job.mode);
  return {{"latency", mode != nullptr ? valid_text_or_null(mode->latency) : json::value(nullptr)},
          {"quality", mode != nullptr ? valid_text_or_null(mode->quality) : json::value(nullptr)},
          {"lost", lost_of(job, recipe)}};
}

std::string warning_of(const Job& job) {
  if (job.mode == job.requested_mode) return "A part of this was not done in its usual way.";
  return "Done in mode \"" + job.mode + "\" instead of \"" + job.requested_mode + "\".";
}

/// The model that wrote, as the stage noted it.
json::value model_of(const StageRecord& stage) {
  boost::system::error_code bad;
  const auto noted = json::parse(stage.output, bad);
  const auto* model = bad || !noted.is_object() ? nullptr : noted.get_object().if_contains("model");
  return model != nullptr && model->is_string() ? *model : json::value(nullptr);
}

}  // namespace

json::value downshift_value(const Job& job, const Recipe& recipe) {
  const auto first = std::ranges::find_if(job.stages, is_lesser);
  const bool lesser = first != job.stages.end();
  if (recipe.modes.empty() || (!lesser && job.mode == job.requested_mode)) return nullptr;
  json::array stages;
  for (const StageRecord& stage : job.stages) {
    if (is_lesser(stage)) stages.push_back(downshift_object(stage));
  }
  return json::object{{"warning", warning_of(job)},
                      {"reason", lesser ? reason_of(*first) : kEarlier},
                      {"impact", impact_of(job, recipe)},
                      {"stages", std::move(stages)}};
}

std::string first_lesser_stage(const Job& job) {
  const auto found = std::ranges::find_if(job.stages, is_lesser);
  return found != job.stages.end() ? found->name : std::string{};
}

json::value metadata_value(const Job& job, const Recipe& recipe) {
  const auto stage = std::ranges::find(job.stages, "generate", &StageRecord::kind);
  if (recipe.modes.empty() || stage == job.stages.end() || stage->state != StageState::completed) return nullptr;
  json::object out{{"model", model_of(*stage)},
                   {"reliability", "high"},
                   {"warning", nullptr},
                   {"similarity", nullptr},
                   {"age_s", nullptr}};
  if (!stage->fallback) return out;
  out["reliability"] = stage->fallback->reliability;
  out["similarity"] = similarity_of(*stage->fallback);
  out["age_s"] = age_of(*stage);
  if (is_lesser(*stage)) out["warning"] = reason_of(*stage);
  return out;
}

}  // namespace holdfast::views
