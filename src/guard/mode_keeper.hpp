#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/mode/standing.hpp"
#include "core/recipe/recipe.hpp"
#include "ports/clock.hpp"
#include "ports/log.hpp"
#include "ports/task.hpp"

namespace holdfast::guard {

/// In which mode each recipe that has modes stands now: what its next item is likely to be done in, told to everybody.
/// It decides nothing of an item, which tries whatever its breakers let through.
class ModeKeeper {
 public:
  struct State {
    modes::Standing standing{};
    WallTime since{};                  ///< as standing.since, for people
    std::vector<std::string> out{};    ///< stages that cannot be done in their own way now
    std::vector<std::string> less{};   ///< stages that would be done with a smaller model now
  };
  struct Deps {
    const RecipeBook& recipes;
    Clock& clock;
    std::function<bool(const StageConfig&)> is_away;  ///< is that stage's own way known to lead nowhere?
    std::function<bool(const StageConfig&)> has_less{};  ///< would it be done with a smaller model? none: never
    modes::Dwell dwell{};
    Log* log = nullptr;
  };
  explicit ModeKeeper(Deps deps);

  /// Something changed that modes may follow from.
  void ring() { bell_->ring(); }
  /// Looks now.
  void look();
  /// Looks at each ring, and whenever a rest may be over, until it is stopped.
  Task<void> run();
  void stop();

  /// By recipe; those without modes are not among them.
  [[nodiscard]] const std::map<std::string, State>& all() const { return states_; }
  /// nullptr: no such recipe, or it has one way only.
  [[nodiscard]] const modes::Mode* mode_of(const std::string& recipe) const;
  /// Does that recipe stand in its last resort?
  [[nodiscard]] bool in_last_resort(const std::string& recipe) const;

 private:
  void look_at(const Recipe& recipe, State& state);
  [[nodiscard]] MonoTime next_look() const;

  Deps deps_;
  std::map<std::string, State> states_;
  std::unique_ptr<Wakeup> bell_;
  bool stopping_ = false;
};

}  // namespace holdfast::guard
