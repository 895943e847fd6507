#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/rng.hpp"
#include "sim/death.hpp"

namespace holdfast::sim {

/// What the next call of the disk does instead of its work.
struct DiskFaults {
  bool write_fails = false;  ///< the next write fails with an I/O error, half done
  bool sync_fails = false;   ///< the next sync fails: what was to be synced may be on disk or not, and no
                             ///< later sync writes it. Source: Rebello et al., USENIX ATC 2020
  bool full = false;         ///< no file can grow
};

/// The ways in which this disk can be told to lie, to prove that the checker sees it.
struct DiskBugs {
  bool ignores_syncs = false;       ///< says that it has synced, and has not
  bool hides_failed_syncs = false;  ///< says so of a sync that has failed
};

/// One file: as everybody sees it, and as it is on the platter.
class DiskFile {
 public:
  [[nodiscard]] const std::string& content() const { return *seen_; }
  void write(std::string_view bytes, std::size_t at);
  void truncate(std::size_t size);
  void sync();
  /// The sync fails: each sector that waited is on disk or is not, and none waits any more.
  void fail_sync(Rng& rng);
  /// What is left when the power goes: what was synced, and of what was not an arbitrary part.
  void cut(Rng& rng);
  /// A file that is on disk as this one is seen now.
  [[nodiscard]] std::shared_ptr<DiskFile> copy() const;

 private:
  /// A disk writes a sector whole or not at all.
  static constexpr std::size_t kSector = 512;
  struct Write {
    std::size_t at = 0;
    std::string bytes;
  };
  struct Truncate {
    std::size_t size = 0;
  };
  using Change = std::variant<Write, Truncate>;
  void keep(const Change& change);
  void keep_sectors(const Change& change, Rng& rng);

  /// Shared with copies until it is changed: most copies are only looked at.
  using Content = std::shared_ptr<std::string>;
  static std::string& own(Content* content);

  Content seen_ = std::make_shared<std::string>();
  Content kept_ = std::make_shared<std::string>();
  std::vector<Change> waiting_;  ///< not synced, in order
};

/// A disk in memory with a cache that a power cut empties. Files are there after a cut if they were there
/// when their folder was synced last; otherwise they may be.
class SimDisk {
 public:
  explicit SimDisk(std::uint64_t seed) : rng_{seed} {}

  enum class Outcome : std::uint8_t { done, failed, full };
  Outcome write(DiskFile& file, std::string_view bytes, std::size_t at);
  Outcome sync(DiskFile& file);

  /// Nothing: there is no such file.
  [[nodiscard]] std::shared_ptr<DiskFile> find(const std::string& name) const;
  std::shared_ptr<DiskFile> create(const std::string& name);
  void remove(const std::string& name) { folder_.erase(name); }
  void sync_folder();

  /// Whoever has files open now can no longer do anything with them; with the machine's death what was not
  /// synced goes too.
  void die(Death how);
  /// How many deaths there were: what was opened before the last one is dead.
  [[nodiscard]] std::uint64_t life() const { return life_; }
  /// The same files as they are seen at this moment, on a disk of their own.
  [[nodiscard]] SimDisk copy() const;

  DiskFaults faults;
  DiskBugs bugs;

 private:
  using Folder = std::map<std::string, std::shared_ptr<DiskFile>>;
  Rng rng_;
  Folder folder_;
  Folder kept_folder_;
  std::uint64_t life_ = 0;
};

}  // namespace holdfast::sim
