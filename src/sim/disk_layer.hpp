#pragma once

#include <memory>
#include <string>

#include "sim/sim_disk.hpp"

namespace holdfast::sim {

/// SQLite's file system layer on a SimDisk, for one thread: it does what SQLite's own does on Linux, with the
/// disk's faults. Registered while it lives; the disk and it must outlive every connection opened through it.
class DiskLayer {
 public:
  explicit DiskLayer(SimDisk& disk);
  ~DiskLayer();
  DiskLayer(const DiskLayer&) = delete;
  DiskLayer& operator=(const DiskLayer&) = delete;

  /// For OpenOptions and SqliteOptions.
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  struct Registered;
  std::string name_;
  std::unique_ptr<Registered> registered_;
};

}  // namespace holdfast::sim
