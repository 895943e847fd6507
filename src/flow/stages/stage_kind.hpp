#pragma once

#include <span>
#include <variant>
#include <vector>

#include "core/job/decide.hpp"
#include "core/recipe/recipe.hpp"
#include "ports/job_store.hpp"
#include "ports/worker_pool.hpp"

/// Step 4, stages: what is done. A stage kind turns a job into a request for a worker and the worker's answer
/// into an outcome. Both are pure; the runner does the waiting and the storing.
namespace holdfast::stages {

struct StageInput {
  Job job;
  StageConfig config;
  std::vector<Segment> segments;
  std::vector<Gap> gaps;
  std::vector<StoredResult> results;
};

/// Another attempt draws another number, or it would get the answer that could not be used once more.
inline std::uint32_t seed_of(const Job& job) {
  const auto* stage = current_stage(job);
  return stage != nullptr ? stage->attempts : 0;
}

/// Either work for a worker, or the outcome at once when there is nothing to ask anybody ("no speech").
using Plan = std::variant<WorkRequest, decide::StageOutcome>;

class StageKind {
 public:
  virtual ~StageKind() = default;
  [[nodiscard]] virtual std::string_view name() const = 0;
  [[nodiscard]] virtual std::string_view bulkhead() const = 0;  ///< "media", "engine" or "embedding"
  [[nodiscard]] virtual WorkerKind worker() const = 0;
  /// Whether its worker always says how far it is. Where it need not, an attempt that gets no further is ended by the
  /// stage's time alone, unless a recovery rule says otherwise.
  [[nodiscard]] virtual bool tells_progress() const { return true; }
  /// Which of the configured models does it: the recipe says so, where the item does not.
  [[nodiscard]] virtual std::string role(const Job& /*job*/, const StageConfig& config) const { return config.role; }
  /// Asked again after an outcome that goes on: then the current stage's `output` is what that one left.
  /// Errors: permanent (an earlier stage left nothing to work on).
  [[nodiscard]] virtual Result<Plan> prepare(const StageInput& input) const = 0;
  /// `input` is as it was at `prepare`, but with the segments and gaps that are stored now.
  /// Errors: transient HF-LLM-03 (the answer cannot be used; another try may give a better one), permanent.
  [[nodiscard]] virtual Result<decide::StageOutcome> conclude(const StageInput& input,
                                                              const Finished& answer) const = 0;
};

/// All kinds, in the order a file meets them. Adding one adds its folder and one line there.
std::span<const StageKind* const> registry();
const StageKind* find_kind(std::string_view name);

}  // namespace holdfast::stages
