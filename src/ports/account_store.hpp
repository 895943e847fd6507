#pragma once

#include <optional>
#include <string>

#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "ports/task.hpp"

namespace holdfast {

struct User {
  std::string name;
  bool superuser = false;
  std::string password_hash;  ///< empty: cannot log in with a password
  WallTime created_at{};
};

/// Port: who may use the server. Every method that writes is one transaction and durable when it returns. Errors of
/// all methods: as JobStore.
class AccountStore {
 public:
  virtual ~AccountStore() = default;
  /// Does nothing if the user is there.
  virtual Task<Result<void>> add_user(User user) = 0;
  virtual Task<Result<std::optional<User>>> find_user(std::string name) = 0;
};

}  // namespace holdfast
