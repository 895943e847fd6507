#include "adapters/system/gpu_memory.hpp"

#include <dlfcn.h>

namespace holdfast::memory {

// The few declarations that we call, as the library's binary interface has them: its header is not in Debian's main
// archive.
struct NvmlMemory {
  unsigned long long total = 0;
  unsigned long long free = 0;
  unsigned long long used = 0;
};
using NvmlDevice = void*;
constexpr int kNvmlSuccess = 0;

struct GpuMemory::Library {
  void* handle = nullptr;
  int (*init)() = nullptr;
  int (*shutdown)() = nullptr;
  int (*device_count)(unsigned*) = nullptr;
  int (*device_at)(unsigned, NvmlDevice*) = nullptr;
  int (*memory_of)(NvmlDevice, NvmlMemory*) = nullptr;
  bool initialized = false;

  ~Library() {
    if (initialized) shutdown();
    if (handle != nullptr) dlclose(handle);
  }
  template <class Fn>
  bool find(Fn& fn, const char* name) {
    fn = reinterpret_cast<Fn>(dlsym(handle, name));
    return fn != nullptr;
  }
};

GpuMemory::GpuMemory(std::unique_ptr<Library> library) : library_{std::move(library)} {}
GpuMemory::~GpuMemory() = default;

std::unique_ptr<GpuMemory> GpuMemory::open(const char* file) {
  auto library = std::make_unique<Library>();
  library->handle = dlopen(file, RTLD_NOW | RTLD_LOCAL);
  if (library->handle == nullptr) return nullptr;
  const bool complete =
      library->find(library->init, "nvmlInit_v2") && library->find(library->shutdown, "nvmlShutdown") &&
      library->find(library->device_count, "nvmlDeviceGetCount_v2") &&
      library->find(library->device_at, "nvmlDeviceGetHandleByIndex_v2") &&
      library->find(library->memory_of, "nvmlDeviceGetMemoryInfo");
  if (!complete) return nullptr;
  library->initialized = library->init() == kNvmlSuccess;
  unsigned count = 0;
  if (!library->initialized || library->device_count(&count) != kNvmlSuccess || count == 0) return nullptr;
  return std::unique_ptr<GpuMemory>{new GpuMemory{std::move(library)}};
}

std::optional<MemoryReading> GpuMemory::read() const {
  unsigned count = 0;
  if (library_->device_count(&count) != kNvmlSuccess) return std::nullopt;
  std::optional<MemoryReading> shortest;
  for (unsigned index = 0; index < count; ++index) {
    NvmlDevice device = nullptr;
    NvmlMemory memory;
    if (library_->device_at(index, &device) != kNvmlSuccess) continue;
    if (library_->memory_of(device, &memory) != kNvmlSuccess || memory.total == 0) continue;
    MemoryReading reading{.source = "gpu", .total_bytes = memory.total, .available_bytes = memory.free};
    if (!shortest || reading.available() < shortest->available()) shortest = std::move(reading);
  }
  return shortest;
}

}  // namespace holdfast::memory
