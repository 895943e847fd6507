#include "sim/workload.hpp"

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
  return {{"sim", recipe}};
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
