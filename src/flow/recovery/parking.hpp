#pragma once

#include <functional>
#include <set>
#include <string>

#include "ports/log.hpp"
#include "ports/state_store.hpp"

namespace holdfast::recovery {

/// Queues that an operator has parked: their items stay as they are, and nothing more of them is begun until somebody
/// resumes them, over restarts as well. Queues are named by their pools.
class Parking {
 public:
  struct Deps {
    StateStore& states;
    std::set<std::string> queues;  ///< that there are
    std::function<void(const std::set<std::string>& parked)> on_change;
    Log* log = nullptr;
  };
  explicit Parking(Deps deps) : deps_{std::move(deps)} {}

  /// Takes up what was kept. Errors: as StateStore; corrupt HF-STO-03.
  Task<Result<void>> load();
  /// Durable, then in force. Errors: not_found HF-QUE-01 (there is no such queue); as StateStore.
  Task<Result<void>> set(std::string queue, bool parked);

  [[nodiscard]] const std::set<std::string>& queues() const { return deps_.queues; }
  [[nodiscard]] const std::set<std::string>& parked() const { return parked_; }

 private:
  Deps deps_;
  std::set<std::string> parked_;
};

}  // namespace holdfast::recovery
