#include "app/recipes/fallback_reader.hpp"

#include <algorithm>

#include "app/recipes/recipe_file.hpp"
#include "app/recipes/stage_reader.hpp"
#include "core/base/nearest.hpp"
#include "flow/fallback/strategy.hpp"

namespace holdfast::recipes {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kFallbacksMax = 10;

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

}  // namespace holdfast::recipes
