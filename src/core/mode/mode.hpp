#pragma once

#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// What is still done when some of a recipe's stages cannot be: its modes from the fullest to the least, as data, and
/// the choice among them.
namespace holdfast::modes {

/// One way to run a recipe.
struct Mode {
  std::string name;                 ///< "balanced"
  std::vector<std::string> stages;  ///< the recipe's stages that are done by their own worker in it
  std::string latency;              ///< what an answer takes, for people: "about 10 s"
  std::string quality;              ///< for people: "full, without creative hints"
  bool last_resort = false;         ///< only where none of the stages that are in any mode can be done
};

/// Names of stages.
using Stages = std::set<std::string, std::less<>>;

/// Every stage that is in some mode: those that a mode can be without.
[[nodiscard]] Stages optional_stages(std::span<const Mode> modes);

/// The fullest mode that is not fuller than `requested` (empty or unknown: the first) and all of whose stages can be
/// done; `out` are those that cannot. Where nothing can be done at all it is the last resort, if there is one, else the
/// last mode. Index into `modes`, which must not be empty.
[[nodiscard]] std::size_t choose(std::span<const Mode> modes, std::string_view requested, const Stages& out);

/// The lower of two; names that are not there count as the fullest.
[[nodiscard]] std::string lower_of(std::span<const Mode> modes, std::string_view left, std::string_view right);

/// nullptr: there is none of that name.
[[nodiscard]] const Mode* find(std::span<const Mode> modes, std::string_view name);

/// Does a job in this mode have that stage? Those that are in no mode are in all of them.
[[nodiscard]] bool has_stage(std::span<const Mode> modes, std::string_view mode, std::string_view stage);

}  // namespace holdfast::modes
