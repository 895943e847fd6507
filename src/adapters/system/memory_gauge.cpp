#include "adapters/system/memory_gauge.hpp"

#include "adapters/system/meminfo.hpp"
#include "adapters/system/small_file.hpp"
#include "async/offload.hpp"

namespace holdfast {
namespace {

namespace fs = std::filesystem;

using system::text_of;

memory::GroupFiles files_of(const fs::path& folder, bool v1) {
  return {.limit = text_of(folder / (v1 ? "memory.limit_in_bytes" : "memory.max")),
          .usage = text_of(folder / (v1 ? "memory.usage_in_bytes" : "memory.current")),
          .stat = text_of(folder / "memory.stat")};
}

/// The shortest of our group and those around it: each of them may have a limit.
std::optional<MemoryReading> read_groups(const SystemMemoryConfig& config, std::uint64_t machine_bytes) {
  const auto own = memory::parse_group_path(text_of(config.own_groups));
  if (!own) return std::nullopt;
  const fs::path root = own->v1 ? config.groups / "memory" : config.groups;
  std::optional<MemoryReading> shortest;
  for (fs::path group{own->path};; group = group.parent_path()) {
    const auto reading = memory::parse_group(files_of(root / group.relative_path(), own->v1), machine_bytes);
    if (reading && (!shortest || reading->available() < shortest->available())) shortest = reading;
    if (!group.has_relative_path()) return shortest;
  }
}

}  // namespace

SystemMemoryGauge::SystemMemoryGauge(SystemMemoryConfig config, asio::thread_pool& threads)
    : config_{std::move(config)}, gpu_{config_.gpu ? memory::GpuMemory::open() : nullptr}, threads_{threads} {}

Task<Result<MemoryReading>> SystemMemoryGauge::read() {
  auto reading = [this] { return read_now(); };
  return offload(threads_, std::move(reading));
}

Result<MemoryReading> SystemMemoryGauge::read_now() const {
  if (gpu_) {
    if (auto reading = gpu_->read()) return *std::move(reading);
  }
  auto machine = memory::parse_meminfo(text_of(config_.meminfo));
  if (!machine) return fail(ErrorClass::dependency, "HF-SRV-06", config_.meminfo.string() + " does not tell");
  auto group = read_groups(config_, machine->total_bytes);
  if (group && group->available() < machine->available()) return *std::move(group);
  return *std::move(machine);
}

}  // namespace holdfast
