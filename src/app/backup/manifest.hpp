#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/base/result.hpp"

/// Backups: a folder for each, with a copy of the store, every file that its items need, and a manifest that says what
/// must be there. A backup's folder has its name from the start of the copy, and gets it when it is whole.
namespace holdfast::backup {

using std::filesystem::path;

/// A file of a backup.
struct FileEntry {
  std::string name;  ///< below the backup's folder: "holdfast.db", "files/ab/ab12...", "spool/0000000000000001.spool"
  std::uint64_t bytes = 0;
  std::string sha256;  ///< 64 hexadecimal digits
};

/// Something of the store that could not be backed up as it should be.
struct Unsound {
  std::string name;
  std::string what;
};

/// The moment that a backup is of.
struct Point {
  std::string at;                ///< RFC 3339; everything that was answered before it is in the backup
  std::uint64_t last_event = 0;  ///< number of the newest line of the trail
  std::uint64_t items = 0;
  unsigned schema = 0;
};

struct Manifest {
  std::string made_by;  ///< version of the program
  Point point{};
  std::vector<FileEntry> files{};  ///< by name
  std::vector<Unsound> unsound{};
};

/// Writes both files of a manifest, not synced. Errors: as localfs/file_io.hpp.
Result<void> write_manifest(const path& backup, const Manifest& manifest);

/// Errors: not_found HF-BAK-01 (there is none), corrupt HF-BAK-02 (damaged, or of a newer program).
Result<Manifest> read_manifest(const path& backup);

/// The whole backups at a place, oldest first: the place itself, or the folders in it. Errors: not_found HF-BAK-01.
Result<std::vector<path>> find_backups(const path& place);

inline constexpr const char* kManifest = "manifest.json";
inline constexpr const char* kManifestSum = "manifest.sha256";
inline constexpr const char* kStore = "holdfast.db";
inline constexpr const char* kSpool = "spool";

}  // namespace holdfast::backup
