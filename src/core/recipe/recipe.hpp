#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/job/policy.hpp"
#include "core/mode/mode.hpp"
#include "core/retention/retention.hpp"

namespace holdfast {

/// One step of a stage's fallback chain: another way to its result when its own way has failed.
struct FallbackStep {
  std::string strategy;             ///< "less", "rules": which Strategy finds the result
  std::string reliability = "low";  ///< of what it finds: "high", "medium", "low"
  std::string only_in;              ///< the mode in which alone it is tried; empty: any
  std::string not_in;               ///< the mode in which it is not tried; empty: any
  double similarity_min = 0.8;      ///< similar: 0..1
  unsigned tokens_max = 256;        ///< less
  milliseconds time_max{30'000};    ///< less, similar: until there is an answer
  std::optional<double> temperature{};  ///< less: of the model
  std::string data;                 ///< popular: text of the recipe's file with a result for each mode, JSON
};

/// One stage of a pipeline as `recipes/NAME/pipeline.toml` describes it.
struct StageConfig {
  std::string name;   ///< "stt"; shown as `stage`
  std::string kind;   ///< "transcribe": which StageKind does it
  std::string title;  ///< "Transcribing"
  RetryPolicy retry{};
  milliseconds time_max{3'600'000};   ///< the whole attempt; for media stages also see time_budget_rtf
  milliseconds silence_max{120'000};  ///< without any event of the worker
  double time_budget_rtf = 0;         ///< if > 0: time_max grows to this many seconds per second of recording
  std::string language = "auto";      ///< transcribe: code of the language, or "auto"
  unsigned beam_size = 5;             ///< transcribe: hypotheses followed at once
  std::string role;                   ///< generate: which configured model writes
  std::string result;                 ///< generate: name of the result it publishes: "form"
  std::string shape;                  ///< generate: how the answer is concluded: "form", "rating", "memories"
  std::string prompt;                 ///< generate: text of the prompt file
  std::string schema;                 ///< generate: text of the JSON Schema file
  unsigned tokens_max = 512;          ///< generate: length of the answer
  unsigned window_characters = 3000;  ///< generate, shapes that read piece by piece: how much is read at once
  /// generate: what the model is shown: "transcript", "input" (the text that was sent), or results of earlier stages
  std::vector<std::string> reads{"transcript"};
  std::string templates;  ///< generate: text of the JSON file with what is ready for when no model writes; may be empty
  double temperature = 0.2;           ///< generate: of the model
  bool cache = false;                 ///< generate: what was asked before is answered as it was then
  milliseconds deadline{0};           ///< its own way and the fallbacks together; 0: as long as each may take
  std::vector<FallbackStep> fallbacks;  ///< tried in this order
  std::string gives;  ///< what is lost where it is not done in its own way, for people: "hints by a model"
  bool redo = false;  ///< what a fallback has done is done again in the stage's own way when what it needs is back
};

/// A pipeline with its policies: data only, one folder under recipes/.
struct Recipe {
  std::string name;
  std::string title;
  std::string description;
  std::vector<std::string> accepts;  ///< media families: "audio", "video", "text"
  std::vector<StageConfig> stages;
  std::vector<modes::Mode> modes;  ///< from the fullest to the least; none: there is one way only
  retention::Overrides retention{};
};

inline const StageConfig* find_stage(const Recipe& recipe, const std::string& name) {
  const auto found = std::ranges::find(recipe.stages, name, &StageConfig::name);
  return found == recipe.stages.end() ? nullptr : &*found;
}

/// The stage as it is done in that mode.
inline StageConfig in_mode(const Recipe& recipe, StageConfig stage, std::string_view mode) {
  const modes::StageSettings settings = modes::settings_of(recipe.modes, mode, stage.name);
  stage.beam_size = std::min(stage.beam_size, settings.beam_size.value_or(stage.beam_size));
  stage.tokens_max = settings.tokens_max.value_or(stage.tokens_max);
  stage.temperature = settings.temperature.value_or(stage.temperature);
  stage.time_max = settings.time_max.value_or(stage.time_max);
  return stage;
}

/// What of the recipe's stages takes its mode down now. Stages without fallbacks wait for what they need, and nothing
/// is left out for them.
inline modes::Health health_of(const Recipe& recipe, const std::function<bool(const StageConfig&)>& is_away,
                               const std::function<bool(const StageConfig&)>& has_less) {
  modes::Health health;
  const modes::Stages optional = modes::optional_stages(recipe.modes);
  for (const StageConfig& stage : recipe.stages) {
    if (!optional.contains(stage.name)) continue;
    if (!stage.fallbacks.empty() && is_away(stage)) health.out.insert(stage.name);
    if (modes::tells_of_less(recipe.modes, stage.name) && has_less && has_less(stage)) health.less.insert(stage.name);
  }
  return health;
}

/// What the stages give that the fullest mode has and this one has not, for people.
inline std::vector<std::string> lost_in(const Recipe& recipe, const modes::Mode& mode) {
  std::vector<std::string> lost;
  for (const StageConfig& stage : recipe.stages) {
    if (!stage.gives.empty() && !modes::has_stage(recipe.modes, mode.name, stage.name)) lost.push_back(stage.gives);
  }
  return lost;
}

/// All recipes of this server by name.
using RecipeBook = std::map<std::string, Recipe>;

}  // namespace holdfast
