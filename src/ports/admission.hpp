#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "ports/task.hpp"

namespace holdfast {

/// A place that was given to an upload: counted as taken until it is destroyed.
class AdmissionTicket {
 public:
  virtual ~AdmissionTicket() = default;
};

/// Port: may one more item be taken now?
class Admission {
 public:
  virtual ~Admission() = default;
  /// Asked before the first byte is taken. `bulkheads`: the queues that the item will wait in. Errors: those of
  /// admission::admit, and of JobStore.
  virtual Task<Result<std::unique_ptr<AdmissionTicket>>> admit(std::string owner,
                                                               std::vector<std::string> bulkheads) = 0;
};

}  // namespace holdfast
