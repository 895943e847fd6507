#pragma once

#include <cstdint>
#include <string>

#include "core/base/result.hpp"
#include "ports/task.hpp"

namespace holdfast {

/// How full the memory is that the work needs.
struct MemoryReading {
  std::string source;             ///< gpu, cgroup or system: where it is shortest
  std::uint64_t total_bytes = 0;  ///< never 0
  std::uint64_t available_bytes = 0;

  [[nodiscard]] double available() const {
    return static_cast<double>(available_bytes) / static_cast<double>(total_bytes);
  }
};

/// Port: the memory of this machine.
class MemoryGauge {
 public:
  virtual ~MemoryGauge() = default;
  /// Errors: dependency HF-SRV-06 (cannot be read here).
  virtual Task<Result<MemoryReading>> read() = 0;
};

}  // namespace holdfast
