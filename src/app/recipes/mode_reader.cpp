#include "app/recipes/mode_reader.hpp"

#include <algorithm>
#include <set>

#include "app/recipes/stage_reader.hpp"

namespace holdfast::recipes {
namespace {

constexpr std::size_t kModesMax = 10;
constexpr unsigned kBeamMost = 10;

template <class T>
std::optional<T> if_there(const TableReader& reader, std::string_view key, T value) {
  return reader.has(key) ? std::optional{value} : std::nullopt;
}

/// Only what makes a difference to that kind of work is known.
Result<modes::StageSettings> read_settings(const toml::table& table, const StageConfig& stage,
                                           const std::string& file) {
  TableReader reader{table, file};
  modes::StageSettings settings;
  settings.time_max = if_there(reader, "time_max", reader.duration("time_max", stage.time_max));
  if (stage.kind == "transcribe")
    settings.beam_size = if_there(reader, "beam_size", reader.count("beam_size", stage.beam_size, kBeamMost));
  if (stage.kind == "generate" || stage.kind == "complete") {
    settings.tokens_max = if_there(reader, "tokens_max", reader.count("tokens_max", stage.tokens_max, kTokensMost));
    settings.temperature = if_there(reader, "temperature", reader.factor("temperature", stage.temperature));
  }
  if (const unsigned needed = tokens_needed(stage); settings.tokens_max && *settings.tokens_max < needed)
    reader.refuse("tokens_max", "must be at least " + std::to_string(needed) + ", or answers would be cut off");
  HF_TRY_VOID(reader.finish());
  return settings;
}

using Settings = decltype(modes::Mode::settings);

/// A table for each stage that is done in another way.
Result<Settings> read_all_settings(const toml::table& table, const Recipe& recipe, const std::string& file) {
  TableReader reader{table, file};
  Settings all;
  for (const StageConfig& stage : recipe.stages) {
    if (stage.kind == kUploadKind) continue;
    const auto* own = reader.table(stage.name);
    if (own == nullptr) continue;
    HF_TRY(all[stage.name], read_settings(*own, stage, file));
  }
  HF_TRY_VOID(reader.finish());
  return all;
}

/// A mode that nobody can ask for is done as the one that was asked for, but for what it lacks.
void check_settings(TableReader& reader, const modes::Mode& mode) {
  if (mode.settings.empty()) return;
  if (!modes::can_be_asked_for(mode))
    reader.refuse("settings", "are of no use in a mode that cannot be asked for: those of the one that was hold");
  for (const auto& [stage, settings] : mode.settings) {
    if (std::ranges::find(mode.stages, stage) == mode.stages.end())
      reader.refuse("settings", "name the stage \"" + stage + "\", which is not among \"stages\"");
  }
}

Result<modes::Mode> read_mode(const toml::table& table, const Recipe& recipe, const std::string& file) {
  TableReader reader{table, file};
  modes::Mode mode;
  mode.name = reader.word("name");
  mode.stages = reader.words_if_there("stages");
  mode.smaller = reader.words_if_there("smaller");
  mode.latency = reader.text_if_there("latency");
  mode.quality = reader.text_if_there("quality");
  mode.last_resort = reader.flag("last_resort");
  if (const auto* settings = reader.table("settings"); settings != nullptr) {
    HF_TRY(mode.settings, read_all_settings(*settings, recipe, file));
  }
  check_settings(reader, mode);
  HF_TRY_VOID(reader.finish());
  return mode;
}

std::vector<std::string> all_of(const modes::Mode& mode) {
  std::vector<std::string> all{mode.stages};
  all.insert(all.end(), mode.smaller.begin(), mode.smaller.end());
  return all;
}

std::string wrong_mode(const Recipe& recipe, const modes::Mode& mode, const modes::Mode* fuller) {
  const std::vector<std::string> all = all_of(mode);
  const std::vector<std::string> before = fuller != nullptr ? all_of(*fuller) : all;
  for (const std::string& name : all) {
    if (find_stage(recipe, name) == nullptr) return "mode \"" + mode.name + "\" names no stage \"" + name + "\"";
    if (std::ranges::count(all, name) > 1) return "mode \"" + mode.name + "\" names \"" + name + "\" twice";
    if (std::ranges::find(before, name) == before.end())
      return "mode \"" + mode.name + "\" has a stage that the one before it has not: \"" + name + "\"";
  }
  for (const std::string& name : mode.smaller) {
    if (find_stage(recipe, name)->kind == "convert")
      return "mode \"" + mode.name + "\" wants \"" + name + "\" from a smaller model, and it needs none";
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

Result<std::vector<modes::Mode>> read_modes(TableReader& reader, const Recipe& recipe, const std::string& file) {
  std::vector<modes::Mode> modes;
  const auto tables = reader.tables_if_there("mode");
  if (tables.size() > kModesMax) reader.refuse("mode", "list is longer than 10");
  for (const auto* table : tables) {
    HF_TRY(auto mode, read_mode(*table, recipe, file));
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
