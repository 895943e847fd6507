#pragma once

#include <functional>
#include <optional>
#include <span>

#include "flow/stages/stage_kind.hpp"
#include "ports/clock.hpp"
#include "ports/task.hpp"

namespace holdfast::similar {
class Neighbours;
}

/// How a stage comes to a result when its own way has failed: named strategies, shared by all recipes.
namespace holdfast::fallback {

/// The stage's own way, with another configuration of it.
using OwnWay = std::function<Task<Result<decide::StageOutcome>>(StageConfig)>;

/// What a strategy may use. All of it outlives the call.
struct Situation {
  const stages::StageInput* input = nullptr;
  const FallbackStep* step = nullptr;
  const OwnWay* own_way = nullptr;
  Clock* clock = nullptr;
  similar::Neighbours* neighbours = nullptr;  ///< none: no requests are compared
  std::string mode{};  ///< that was asked for
};

/// What was found, and how far it can be relied on.
struct Found {
  decide::StageOutcome outcome;
  Fallback mark;  ///< but for the cause
};

class Strategy {
 public:
  virtual ~Strategy() = default;
  [[nodiscard]] virtual std::string_view name() const = 0;
  /// Can this step work in that stage? Errors: permanent HF-CFG-02.
  [[nodiscard]] virtual Result<void> check(const StageConfig& stage, const FallbackStep& step) const = 0;
  /// Whether it asks the stage's own service for new work, which it must not where that is known to be away.
  [[nodiscard]] virtual bool asks_again() const { return false; }
  /// Whether it waits for anybody: then it is not begun when the deadline has passed, and takes at most the time that
  /// its step has.
  [[nodiscard]] virtual bool takes_time() const { return false; }
  /// Nothing: it has no result here. Errors: what it failed of; then the next step is tried.
  [[nodiscard]] virtual Task<Result<std::optional<Found>>> find(Situation situation) const = 0;
};

/// All strategies. Adding one adds its file and one line there.
std::span<const Strategy* const> strategies();
const Strategy* find_strategy(std::string_view name);

}  // namespace holdfast::fallback
