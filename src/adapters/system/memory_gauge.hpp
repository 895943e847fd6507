#pragma once

#include <boost/asio/thread_pool.hpp>
#include <filesystem>
#include <memory>

#include "adapters/system/gpu_memory.hpp"
#include "ports/memory_gauge.hpp"

namespace holdfast {

struct SystemMemoryConfig {
  bool gpu = true;  ///< look at the GPU where there is one
  std::filesystem::path meminfo = "/proc/meminfo";
  std::filesystem::path own_groups = "/proc/self/cgroup";
  std::filesystem::path groups = "/sys/fs/cgroup";
};

/// The memory of the GPU where there is one, else of the control group where it has a limit, else of the machine.
class SystemMemoryGauge final : public MemoryGauge {
 public:
  SystemMemoryGauge(SystemMemoryConfig config, asio::thread_pool& threads);
  Task<Result<MemoryReading>> read() override;

 private:
  Result<MemoryReading> read_now() const;

  SystemMemoryConfig config_;
  std::unique_ptr<memory::GpuMemory> gpu_;
  asio::thread_pool& threads_;
};

}  // namespace holdfast
