#pragma once

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.hpp"

/// What is still done when some of a recipe's stages cannot be: its modes from the fullest to the least, as data, and
/// the choice among them.
namespace holdfast::modes {

/// How a stage is done in a mode, where that is another way than the stage says by itself.
struct StageSettings {
  std::optional<unsigned> beam_size{};      ///< transcribe: hypotheses followed at once
  std::optional<unsigned> tokens_max{};     ///< generate, complete: length of the answer
  std::optional<double> temperature{};      ///< generate, complete: of the model
  std::optional<milliseconds> time_max{};   ///< the whole attempt
  bool operator==(const StageSettings&) const = default;
};

/// One way to run a recipe.
struct Mode {
  std::string name;                 ///< "balanced"
  std::vector<std::string> stages;  ///< the recipe's stages that are done by their own worker in it
  std::string latency;              ///< what an answer takes, for people: "about 10 s"
  std::string quality;              ///< for people: "full, without creative hints"
  bool last_resort = false;         ///< only where none of the stages that are in any mode can be done
  std::vector<std::string> smaller{};  ///< stages that are done in it by a worker with less, as memory is short
  std::map<std::string, StageSettings, std::less<>> settings{};  ///< by stage; of what can be asked for
};

/// Names of stages.
using Stages = std::set<std::string, std::less<>>;

/// What of a recipe's stages is not as configured now. A stage that waits for what it needs is in neither.
struct Health {
  Stages out{};   ///< their own way leads nowhere
  Stages less{};  ///< their worker runs with less: a smaller model
};

/// Every stage that is in some mode: those that a mode can be without.
[[nodiscard]] Stages optional_stages(std::span<const Mode> modes);

/// Whether it is a way that somebody can ask for. One in which nothing is done in its own way, or something with less,
/// is only gone down to.
[[nodiscard]] bool can_be_asked_for(const Mode& mode);

/// The fullest mode that is not fuller than `requested` (empty or unknown: the first) and all of whose stages can be
/// done as it says. Where nothing can be done at all it is the last resort, if there is one, else the
/// last mode. Index into `modes`, which must not be empty.
[[nodiscard]] std::size_t choose(std::span<const Mode> modes, std::string_view requested, const Health& health);

/// The lower of two; names that are not there count as the fullest.
[[nodiscard]] std::string lower_of(std::span<const Mode> modes, std::string_view left, std::string_view right);

/// Whether the first of two names stands for a fuller mode than the second.
[[nodiscard]] bool is_fuller(std::span<const Mode> modes, std::string_view one, std::string_view other);

/// Whether some mode says what it is to have that stage done by a worker with less.
[[nodiscard]] bool tells_of_less(std::span<const Mode> modes, std::string_view stage);

/// How the stage is done in the mode; nothing: as it says by itself.
[[nodiscard]] StageSettings settings_of(std::span<const Mode> modes, std::string_view mode, std::string_view stage);

/// nullptr: there is none of that name.
[[nodiscard]] const Mode* find(std::span<const Mode> modes, std::string_view name);

/// Does a job in this mode have that stage? Those that are in no mode are in all of them.
[[nodiscard]] bool has_stage(std::span<const Mode> modes, std::string_view mode, std::string_view stage);

}  // namespace holdfast::modes
