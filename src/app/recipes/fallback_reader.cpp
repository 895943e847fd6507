#include "app/recipes/fallback_reader.hpp"

#include <algorithm>
#include <set>

#include "app/recipes/recipe_file.hpp"
#include "app/recipes/stage_reader.hpp"
#include "core/base/nearest.hpp"
#include "flow/fallback/strategy.hpp"

namespace holdfast::recipes {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kFallbacksMax = 10;
constexpr std::size_t kModesMax = 10;
constexpr unsigned kTokensMost = 32'768;

const fallback::Strategy* read_strategy(TableReader& reader, FallbackStep& step) {
  step.strategy = reader.word("strategy");
  const auto* strategy = fallback::find_strategy(step.strategy);
  if (strategy != nullptr || step.strategy.empty()) return strategy;
  std::vector<std::string_view> known;
  for (const auto* one : fallback::strategies()) known.push_back(one->name());
  reader.refuse("strategy", "is not known; did you mean \"" + std::string{nearest(step.strategy, known)} + "\"?");
  return nullptr;
}

std::string data_of(TableReader& reader, const fs::path& folder) {
  const auto name = reader.text_if_there("data");
  if (name.empty()) return {};
  auto text = read_recipe_file(folder, name);
  if (!text) reader.refuse("data", text.error().what());
  return text ? std::move(*text) : std::string{};
}

void read_reliability(TableReader& reader, FallbackStep& step) {
  constexpr std::string_view kWords[] = {"high", "medium", "low"};
  const auto word = reader.word_if_there("reliability");
  if (word.empty()) return;
  if (std::ranges::find(kWords, word) == std::end(kWords)) reader.refuse("reliability", "is high, medium or low");
  step.reliability = word;
}

double read_similarity(TableReader& reader, double otherwise) {
  const double value = reader.factor("similarity_min", otherwise);
  if (value > 1) reader.refuse("similarity_min", "must be a number from 0 to 1");
  return value;
}

Result<FallbackStep> read_step(const toml::table& table, const StageConfig& stage, const fs::path& folder) {
  TableReader reader{table, (folder / "pipeline.toml").string()};
  FallbackStep step;
  const auto* strategy = read_strategy(reader, step);
  read_reliability(reader, step);
  step.only_in = reader.word_if_there("only_in");
  step.not_in = reader.word_if_there("not_in");
  step.similarity_min = read_similarity(reader, step.similarity_min);
  step.tokens_max = reader.count("tokens_max", step.tokens_max, kTokensMost);
  step.time_max = reader.duration("time_max", step.time_max);
  if (table.contains("temperature")) step.temperature = reader.factor("temperature", 0);
  step.data = data_of(reader, folder);
  HF_TRY_VOID(reader.finish());
  if (const auto fits = strategy->check(stage, step); !fits) reader.refuse("strategy", fits.error().what());
  HF_TRY_VOID(reader.finish());
  return step;
}

Result<modes::Mode> read_mode(const toml::table& table, const std::string& file) {
  TableReader reader{table, file};
  modes::Mode mode;
  mode.name = reader.word("name");
  mode.stages = reader.words_if_there("stages");
  mode.latency = reader.text_if_there("latency");
  mode.quality = reader.text_if_there("quality");
  mode.last_resort = reader.flag("last_resort");
  HF_TRY_VOID(reader.finish());
  return mode;
}

std::string wrong_mode(const Recipe& recipe, const modes::Mode& mode, const modes::Mode* fuller) {
  for (const std::string& name : mode.stages) {
    if (find_stage(recipe, name) == nullptr) return "mode \"" + mode.name + "\" names no stage \"" + name + "\"";
    const bool known = fuller == nullptr || std::ranges::find(fuller->stages, name) != fuller->stages.end();
    if (!known) return "mode \"" + mode.name + "\" has a stage that the one before it has not: \"" + name + "\"";
  }
  return {};
}

/// A step that names a mode that is not there.
std::string wrong_step(const Recipe& recipe, const StageConfig& stage) {
  for (const FallbackStep& step : stage.fallbacks) {
    for (const auto* mode : {&step.only_in, &step.not_in}) {
      if (!mode->empty() && modes::find(recipe.modes, *mode) == nullptr)
        return "a fallback of stage \"" + stage.name + "\" names no mode \"" + *mode + "\"";
    }
  }
  return {};
}

}  // namespace

Result<void> read_fallbacks(TableReader& reader, StageConfig& stage, const fs::path& folder) {
  if (stage.kind == kUploadKind) return {};
  stage.deadline = reader.duration("deadline", stage.deadline);
  stage.redo = reader.flag("redo");
  stage.gives = reader.text_if_there("gives");
  const auto tables = reader.tables_if_there("fallback");
  if (tables.size() > kFallbacksMax) reader.refuse("fallback", "list is longer than 10");
  for (const auto* table : tables) {
    HF_TRY(auto step, read_step(*table, stage, folder));
    stage.fallbacks.push_back(std::move(step));
  }
  return {};
}

Result<std::vector<modes::Mode>> read_modes(TableReader& reader, const std::string& file) {
  std::vector<modes::Mode> modes;
  const auto tables = reader.tables_if_there("mode");
  if (tables.size() > kModesMax) reader.refuse("mode", "list is longer than 10");
  for (const auto* table : tables) {
    HF_TRY(auto mode, read_mode(*table, file));
    modes.push_back(std::move(mode));
  }
  return modes;
}

std::string wrong_modes(const Recipe& recipe) {
  std::set<std::string> names;
  const modes::Mode* fuller = nullptr;
  for (const modes::Mode& mode : recipe.modes) {
    if (!names.insert(mode.name).second) return "two modes are called \"" + mode.name + "\"";
    if (auto wrong = wrong_mode(recipe, mode, fuller); !wrong.empty()) return wrong;
    fuller = &mode;
  }
  for (const StageConfig& stage : recipe.stages) {
    if (auto wrong = wrong_step(recipe, stage); !wrong.empty()) return wrong;
  }
  return {};
}

}  // namespace holdfast::recipes
