#pragma once

#include <memory>
#include <optional>

#include "ports/memory_gauge.hpp"

namespace holdfast::memory {

/// The NVIDIA Management Library, loaded while running: a machine without a GPU needs nothing of it.
/// Source: NVML API reference, nvmlDeviceGetMemoryInfo.
class GpuMemory {
 public:
  /// Nothing: there is no library here, or it finds no GPU.
  static std::unique_ptr<GpuMemory> open(const char* library = "libnvidia-ml.so.1");
  ~GpuMemory();
  GpuMemory(const GpuMemory&) = delete;
  GpuMemory& operator=(const GpuMemory&) = delete;

  /// Of the GPU with the smallest part free. Nothing: none answered.
  [[nodiscard]] std::optional<MemoryReading> read() const;

 private:
  struct Library;
  explicit GpuMemory(std::unique_ptr<Library> library);
  std::unique_ptr<Library> library_;
};

}  // namespace holdfast::memory
