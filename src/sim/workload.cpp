#include "sim/workload.hpp"

#include <array>

namespace holdfast::sim {

std::string wav_like(const std::string& tail) {
  std::string head{"RIFF\xff\xff\xff\x7fWAVEfmt \x10\0\0\0\x01\0\x01\0\x80\x3e\0\0\0\x7d\0\0\x02\0\x10\0data",
                   40};
  return head + tail;
}

RecipeBook sim_recipes(const Scenario& scenario) {
  RetryPolicy retry = scenario.retry;
  if (scenario.bugs.does_not_count_crashes) retry.crashes_max = 1'000'000;
  const auto stage = [&](const char* name, const char* kind) {
    return StageConfig{
        .name = name, .kind = kind, .title = name, .retry = retry, .silence_max = milliseconds{60'000}};
  };
  Recipe recipe{.name = "sim", .accepts = {"audio"}};
  recipe.stages = {stage("upload", "upload"), stage("convert", "convert"), stage("stt", "transcribe")};
  if (!scenario.modes) return {{"sim", recipe}};
  recipe.stages.back().redo = scenario.redoes;
  recipe.stages.push_back(stage("copy", "convert"));  // what only the fullest mode has
  recipe.modes = {{.name = "full", .stages = {"stt", "copy"}},
                  {.name = "full_small", .stages = {"copy"}, .smaller = {"stt"}},
                  {.name = "plain", .stages = {"stt"}},
                  {.name = std::string{kFastMode}, .stages = {"stt"}},
                  {.name = "small", .smaller = {"stt"}}};
  recipe.modes[3].settings["stt"].beam_size = 1;
  return {{"sim", recipe}};
}

std::string draw_mode(const Scenario& scenario, int client) {
  if (!scenario.modes) return {};
  Rng rng{scenario.seed ^ (0x30de5ULL << 8U) ^ static_cast<std::uint64_t>(client)};
  const std::array<std::string_view, 4> modes{"", "full", "plain", kFastMode};
  return std::string{modes[rng.below(modes.size())]};
}

Nature draw_nature(const Scenario& scenario, Rng& rng) {
  Nature nature{.length_ms = static_cast<std::int64_t>(1'000 + rng.below(600'000))};
  const std::uint64_t kind = rng.below(10);
  if (kind == 0) nature.kind = "silent";
  if (kind == 1) nature.kind = "bad";
  if (kind <= 3 && scenario.poison) {
    nature.kind = "poison";
    nature.poison_at_ms = static_cast<std::int64_t>(rng.below(static_cast<std::uint64_t>(nature.length_ms)));
  }
  return nature;
}

}  // namespace holdfast::sim
