#include "core/mode/mode.hpp"

#include <algorithm>

namespace holdfast::modes {
namespace {

std::size_t index_of(std::span<const Mode> modes, std::string_view name) {
  const auto found = std::ranges::find(modes, name, &Mode::name);
  return found == modes.end() ? 0 : static_cast<std::size_t>(found - modes.begin());
}

bool contains(const std::vector<std::string>& stages, std::string_view stage) {
  return std::ranges::find(stages, stage) != stages.end();
}

bool can_be_done(const Mode& mode, const Health& health) {
  const auto is_out = [&](const std::string& stage) { return health.out.contains(stage); };
  const auto has_less = [&](const std::string& stage) { return health.less.contains(stage); };
  return std::ranges::none_of(mode.stages, is_out) && std::ranges::none_of(mode.stages, has_less) &&
         std::ranges::none_of(mode.smaller, is_out);
}

bool nothing_left(std::span<const Mode> modes, const Stages& out) {
  return std::ranges::all_of(optional_stages(modes), [&](const std::string& stage) { return out.contains(stage); });
}

}  // namespace

Stages optional_stages(std::span<const Mode> modes) {
  Stages out;
  for (const Mode& mode : modes) {
    out.insert(mode.stages.begin(), mode.stages.end());
    out.insert(mode.smaller.begin(), mode.smaller.end());
  }
  return out;
}

bool can_be_asked_for(const Mode& mode) { return !mode.stages.empty() && mode.smaller.empty(); }

std::size_t choose(std::span<const Mode> modes, std::string_view requested, const Health& health) {
  const std::size_t first = index_of(modes, requested);
  const auto resort = std::ranges::find_if(modes, &Mode::last_resort);
  if (resort != modes.end() && nothing_left(modes, health.out))
    return std::max(first, static_cast<std::size_t>(resort - modes.begin()));
  std::size_t least = first;
  for (std::size_t i = first; i < modes.size(); ++i) {
    if (modes[i].last_resort) continue;
    if (can_be_done(modes[i], health)) return i;
    least = i;
  }
  return least;
}

std::string lower_of(std::span<const Mode> modes, std::string_view left, std::string_view right) {
  if (modes.empty()) return std::string{left};
  return modes[std::max(index_of(modes, left), index_of(modes, right))].name;
}

bool is_fuller(std::span<const Mode> modes, std::string_view one, std::string_view other) {
  return !modes.empty() && index_of(modes, one) < index_of(modes, other);
}

bool tells_of_less(std::span<const Mode> modes, std::string_view stage) {
  return std::ranges::any_of(modes, [&](const Mode& mode) { return contains(mode.smaller, stage); });
}

StageSettings settings_of(std::span<const Mode> modes, std::string_view mode, std::string_view stage) {
  if (modes.empty()) return {};
  const auto& settings = modes[index_of(modes, mode)].settings;
  const auto found = settings.find(stage);
  return found == settings.end() ? StageSettings{} : found->second;
}

const Mode* find(std::span<const Mode> modes, std::string_view name) {
  const auto found = std::ranges::find(modes, name, &Mode::name);
  return found == modes.end() ? nullptr : &*found;
}

bool has_stage(std::span<const Mode> modes, std::string_view mode, std::string_view stage) {
  if (modes.empty() || !optional_stages(modes).contains(stage)) return true;
  const Mode& own = modes[index_of(modes, mode)];
  return contains(own.stages, stage) || contains(own.smaller, stage);
}

}  // namespace holdfast::modes
