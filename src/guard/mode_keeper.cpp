#include "guard/mode_keeper.hpp"

#include <algorithm>

namespace holdfast::guard {
namespace {

/// A change that nobody rang for is seen so late.
constexpr milliseconds kLookAtModesEvery{5'000};

void tell_change(Log* log, const Recipe& recipe, const ModeKeeper::State& before, const ModeKeeper::State& after) {
  std::string out;
  for (const auto* stages : {&after.out, &after.less}) {
    for (const std::string& stage : *stages) out += (out.empty() ? "" : ",") + stage;
  }
  const auto& mode = recipe.modes[after.standing.mode];
  tell(log, mode.last_resort ? LogLevel::error : after.standing.mode > before.standing.mode ? LogLevel::warn
                                                                                            : LogLevel::info,
       "mode",
       {{"recipe", recipe.name},
        {"mode", mode.name},
        {"was", recipe.modes[before.standing.mode].name},
        {"out", out}});
}

std::vector<std::string> in_order(const Recipe& recipe, const modes::Stages& named) {
  std::vector<std::string> out;
  for (const StageConfig& stage : recipe.stages) {
    if (named.contains(stage.name)) out.push_back(stage.name);
  }
  return out;
}

}  // namespace

ModeKeeper::ModeKeeper(Deps deps) : deps_{std::move(deps)}, bell_{deps_.clock.make_wakeup()} {
  for (const auto& [name, recipe] : deps_.recipes) {
    if (recipe.modes.empty()) continue;
    states_[name].since = deps_.clock.wall_now();
    states_[name].standing.since = deps_.clock.mono_now();
  }
}

void ModeKeeper::look_at(const Recipe& recipe, State& state) {
  const State before = state;
  const modes::Health health = health_of(recipe, deps_.is_away, deps_.has_less);
  state.out = in_order(recipe, health.out);
  state.less = in_order(recipe, health.less);
  const std::size_t possible = modes::choose(recipe.modes, {}, health);
  state.standing = modes::looked(state.standing, possible, deps_.dwell, deps_.clock.mono_now());
  if (state.standing.mode == before.standing.mode) return;
  state.since = deps_.clock.wall_now();
  tell_change(deps_.log, recipe, before, state);
}

void ModeKeeper::look() {
  for (auto& [name, state] : states_) look_at(deps_.recipes.at(name), state);
}

MonoTime ModeKeeper::next_look() const {
  MonoTime next = deps_.clock.mono_now() + kLookAtModesEvery;
  for (const auto& [name, state] : states_) next = std::min(next, modes::next_change(state.standing, deps_.dwell));
  return next;
}

Task<void> ModeKeeper::run() {
  while (!stopping_ && !states_.empty()) {
    look();
    const auto woken = co_await bell_->wait_until(next_look());
    if (!woken) co_return;
  }
}

void ModeKeeper::stop() {
  stopping_ = true;
  bell_->ring();
}

const modes::Mode* ModeKeeper::mode_of(const std::string& recipe) const {
  const auto state = states_.find(recipe);
  return state != states_.end() ? &deps_.recipes.at(recipe).modes[state->second.standing.mode] : nullptr;
}

bool ModeKeeper::in_last_resort(const std::string& recipe) const {
  const auto* mode = mode_of(recipe);
  return mode != nullptr && mode->last_resort;
}

}  // namespace holdfast::guard
