#pragma once

#include <functional>
#include <memory>

#include "core/cache/key.hpp"
#include "flow/coalesce/coalescer.hpp"
#include "flow/stages/stage_kind.hpp"
#include "ports/cache.hpp"
#include "ports/worker_pool.hpp"

namespace holdfast::fallback {

/// What a model was asked before is not asked again: its answer is given once more, with its age. Only answers that
/// were concluded, so that were valid, are kept; a failure never is.
class Answers {
 public:
  struct Deps {
    asio::any_io_executor executor;
    Cache& cache;
    Clock& clock;
    cache::Digest digest;
    std::function<std::string(const std::string& role)> model_of;  ///< name and quantization, as configured
    std::function<milliseconds()> ttl;
  };
  explicit Answers(Deps deps) : deps_{std::move(deps)}, under_way_{deps_.executor, deps_.clock} {}

  /// The outcome of `request`, which `prepare` made of `input`: an earlier one marked as "exact", or a new one. Equal
  /// requests under way at the same time share one call. A cache that is away is as if it were empty.
  /// Errors: of the worker and of the stage kind.
  Task<Result<decide::StageOutcome>> outcome(const stages::StageKind* kind, stages::StageInput input,
                                             WorkRequest request, WorkerPool* workers);
  Task<void> stop(milliseconds grace) { return under_way_.stop(grace); }

 private:
  [[nodiscard]] CacheKey key_of(const stages::StageInput& input, const WorkRequest& request) const;

  Deps deps_;
  Coalescer<decide::StageOutcome> under_way_;
};

}  // namespace holdfast::fallback
