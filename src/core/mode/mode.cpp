#include "core/mode/mode.hpp"

#include <algorithm>

namespace holdfast::modes {
namespace {

std::size_t index_of(std::span<const Mode> modes, std::string_view name) {
  const auto found = std::ranges::find(modes, name, &Mode::name);
  return found == modes.end() ? 0 : static_cast<std::size_t>(found - modes.begin());
}

bool can_be_done(const Mode& mode, const Stages& out) {
  return std::ranges::none_of(mode.stages, [&](const std::string& stage) { return out.contains(stage); });
}

bool nothing_left(std::span<const Mode> modes, const Stages& out) {
  return std::ranges::all_of(optional_stages(modes), [&](const std::string& stage) { return out.contains(stage); });
}

}  // namespace

Stages optional_stages(std::span<const Mode> modes) {
  Stages out;
  for (const Mode& mode : modes) out.insert(mode.stages.begin(), mode.stages.end());
  return out;
}

std::size_t choose(std::span<const Mode> modes, std::string_view requested, const Stages& out) {
  const std::size_t first = index_of(modes, requested);
  const auto resort = std::ranges::find_if(modes, &Mode::last_resort);
  if (resort != modes.end() && nothing_left(modes, out))
    return std::max(first, static_cast<std::size_t>(resort - modes.begin()));
  std::size_t least = first;
  for (std::size_t i = first; i < modes.size(); ++i) {
    if (modes[i].last_resort) continue;
    if (can_be_done(modes[i], out)) return i;
    least = i;
  }
  return least;
}

std::string lower_of(std::span<const Mode> modes, std::string_view left, std::string_view right) {
  if (modes.empty()) return std::string{left};
  return modes[std::max(index_of(modes, left), index_of(modes, right))].name;
}

const Mode* find(std::span<const Mode> modes, std::string_view name) {
  const auto found = std::ranges::find(modes, name, &Mode::name);
  return found == modes.end() ? nullptr : &*found;
}

bool has_stage(std::span<const Mode> modes, std::string_view mode, std::string_view stage) {
  if (modes.empty() || !optional_stages(modes).contains(stage)) return true;
  const auto& own = modes[index_of(modes, mode)].stages;
  return std::ranges::find(own, stage) != own.end();
}

}  // namespace holdfast::modes
