#pragma once

#include <map>
#include <optional>
#include <string>

#include "core/base/result.hpp"
#include "ports/task.hpp"

namespace holdfast {

/// Port: what the server has learned or was told while it ran and must still know after a restart: the state of a
/// circuit breaker, a limit that an operator changed. Small documents by name, such as "breaker/llm"; never a user's
/// content. Every method that writes is one transaction and durable when it returns. Errors of all methods: as
/// JobStore.
class StateStore {
 public:
  virtual ~StateStore() = default;
  /// Replaces what stands under the name. `json`: at most kDocumentMax bytes, which is not looked into.
  /// Errors: invalid HF-REQ-02 (longer).
  virtual Task<Result<void>> keep(std::string name, std::string json) = 0;
  /// Forgetting what is not there is no error.
  virtual Task<Result<void>> forget(std::string name) = 0;
  virtual Task<Result<std::optional<std::string>>> kept(std::string name) = 0;
  /// Everything whose name begins with `prefix`, by name.
  virtual Task<Result<std::map<std::string, std::string>>> kept_under(std::string prefix) = 0;

  static constexpr std::size_t kDocumentMax = 64U << 10U;
};

}  // namespace holdfast
