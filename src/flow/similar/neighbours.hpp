#pragma once

#include <optional>
#include <string>

#include "core/recipe/recipe.hpp"
#include "flow/similar/shelf.hpp"
#include "ports/job_store.hpp"

namespace holdfast::similar {

/// What was asked before that means nearly the same, and what was answered then.
struct Neighbour {
  std::string request;    ///< the other one's text
  double similarity = 0;  ///< scalar product of both texts' vectors, up to 1
  WallTime made_at{};     ///< when its answer was made
  std::string result;     ///< JSON
};

/// Requests in words on a shelf, of each stage that can be answered by an earlier answer. Only answers that a stage
/// made in its own way are found, and only those of the same owner: what somebody asked is nobody else's.
class Neighbours {
 public:
  struct Deps {
    Shelf& shelf;
    JobStore& jobs;
  };
  explicit Neighbours(Deps deps) : deps_{deps} {}

  /// The nearest that answers `job`'s text as well: at least so similar, and nothing sets the two apart (likeness.hpp).
  /// Nothing: there is none. Errors: of Shelf and JobStore.
  Task<Result<std::optional<Neighbour>>> find(Job job, StageConfig stage, double similarity_min);

  /// Keeps what `job` asked, now that the stage has its result. Errors: as Shelf::put.
  Task<Result<void>> remember(Job job, std::string stage);

  static constexpr std::size_t kReadMax = 10;  ///< of the nearest ones: so many are read and held against the text

 private:
  Deps deps_;
};

/// Whether a stage of the recipe can be answered by an earlier answer to another request.
[[nodiscard]] bool compares(const StageConfig& stage);
[[nodiscard]] bool compares(const RecipeBook& recipes);

}  // namespace holdfast::similar
