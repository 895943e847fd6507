#pragma once

#include <string>

#include "core/base/result.hpp"
#include "ports/task.hpp"

namespace holdfast {

/// Something that happened to the server, for somebody outside. Nothing of any user's is in it.
struct Notice {
  std::string id;    ///< the same each time it is sent: who got it twice can see that
  std::string json;  ///< an object
};

/// Port: tells somebody outside.
class Notifier {
 public:
  virtual ~Notifier() = default;
  /// Returns when it was taken. It ends by itself after a time of its own.
  /// Errors, in words that hold nothing of the answer: dependency HF-ALR-01 (not taken, or perhaps), permanent
  /// HF-ALR-02 (it does not take this, and says that it never will), canceled.
  virtual Task<Result<void>> send(Notice notice) = 0;
};

}  // namespace holdfast
