#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "core/job/policy.hpp"
#include "core/retention/retention.hpp"

namespace holdfast {

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
};

/// A pipeline with its policies: data only, one folder under recipes/.
struct Recipe {
  std::string name;
  std::string title;
  std::string description;
  std::vector<std::string> accepts;  ///< media families: "audio", "video", "text"
  std::vector<StageConfig> stages;
  retention::Overrides retention{};
};

inline const StageConfig* find_stage(const Recipe& recipe, const std::string& name) {
  const auto found = std::ranges::find(recipe.stages, name, &StageConfig::name);
  return found == recipe.stages.end() ? nullptr : &*found;
}

/// All recipes of this server by name.
using RecipeBook = std::map<std::string, Recipe>;

}  // namespace holdfast
