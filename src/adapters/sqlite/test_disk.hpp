#pragma once

#include <sqlite3.h>

#include <atomic>
#include <exception>
#include <filesystem>
#include <new>
#include <string>
#include <string_view>

namespace holdfast::sqlite {

/// A file system layer for tests, named kTestDisk, over the platform's: it counts syncs, fails on demand, and
/// keeps in `survivors` what a power cut would leave: of each file the bytes of its last sync, and nothing of
/// what came later. One at a time. Set `survivors` before a store is opened.
struct TestDisk {
  TestDisk();
  ~TestDisk();
  TestDisk(const TestDisk&) = delete;
  TestDisk& operator=(const TestDisk&) = delete;

  std::filesystem::path survivors;  ///< a folder; empty: nothing is kept
  std::atomic<int> wal_syncs{0};
  std::atomic<int> wal_write_error{SQLITE_OK};  ///< what every write to the WAL returns
  std::atomic<int> sync_error{SQLITE_OK};       ///< what every sync returns
  std::atomic<bool> hold_syncs{false};          ///< syncs wait until this is false again
  std::atomic<int> syncs_held{0};               ///< how often that has begun

  static inline TestDisk* current = nullptr;
  sqlite3_vfs layer{};
};

inline constexpr const char* kTestDisk = "holdfast-test-disk";

namespace test_disk {

/// In memory directly before the platform's own file. SQLite gives memory that is aligned for pointers.
struct File {
  sqlite3_file base;
  std::filesystem::path* path;
  bool wal;
};

inline sqlite3_file* real(sqlite3_file* file) {
  return reinterpret_cast<sqlite3_file*>(reinterpret_cast<File*>(file) + 1);
}
inline const sqlite3_io_methods& below(sqlite3_file* file) { return *real(file)->pMethods; }

inline int close(sqlite3_file* file) {
  delete reinterpret_cast<File*>(file)->path;
  return below(file).xClose(real(file));
}

inline int write(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 at) {
  const int error = TestDisk::current->wal_write_error;
  if (reinterpret_cast<File*>(file)->wal && error != SQLITE_OK) return error;
  return below(file).xWrite(real(file), bytes, size, at);
}

inline int sync(sqlite3_file* file, int flags) {
  TestDisk& disk = *TestDisk::current;
  const File& mine = *reinterpret_cast<File*>(file);
  if (disk.hold_syncs) {
    disk.syncs_held += 1;
    disk.syncs_held.notify_all();
    disk.hold_syncs.wait(true);
  }
  if (disk.sync_error != SQLITE_OK) return disk.sync_error;
  const int code = below(file).xSync(real(file), flags);
  if (mine.wal) disk.wal_syncs += 1;
  if (!disk.survivors.empty() && mine.path != nullptr) {
    std::filesystem::copy_file(*mine.path, disk.survivors / mine.path->filename(),
                               std::filesystem::copy_options::overwrite_existing);
  }
  return code;
}

inline int open(sqlite3_vfs* layer, const char* name, sqlite3_file* file, int flags, int* flags_out);

/// Everything else goes through as it is.
inline const sqlite3_io_methods kMethods{
    .iVersion = 2,
    .xClose = close,
    .xRead = [](sqlite3_file* f, void* to, int n,
                sqlite3_int64 at) { return below(f).xRead(real(f), to, n, at); },
    .xWrite = write,
    .xTruncate = [](sqlite3_file* f, sqlite3_int64 size) { return below(f).xTruncate(real(f), size); },
    .xSync = sync,
    .xFileSize = [](sqlite3_file* f, sqlite3_int64* size) { return below(f).xFileSize(real(f), size); },
    .xLock = [](sqlite3_file* f, int level) { return below(f).xLock(real(f), level); },
    .xUnlock = [](sqlite3_file* f, int level) { return below(f).xUnlock(real(f), level); },
    .xCheckReservedLock = [](sqlite3_file* f, int* out) { return below(f).xCheckReservedLock(real(f), out); },
    .xFileControl = [](sqlite3_file* f, int op,
                       void* arg) { return below(f).xFileControl(real(f), op, arg); },
    .xSectorSize = [](sqlite3_file* f) { return below(f).xSectorSize(real(f)); },
    .xDeviceCharacteristics = [](sqlite3_file* f) { return below(f).xDeviceCharacteristics(real(f)); },
    .xShmMap = [](sqlite3_file* f, int page, int size, int extend,
                  void volatile** to) { return below(f).xShmMap(real(f), page, size, extend, to); },
    .xShmLock = [](sqlite3_file* f, int offset, int n,
                   int flags) { return below(f).xShmLock(real(f), offset, n, flags); },
    .xShmBarrier = [](sqlite3_file* f) { below(f).xShmBarrier(real(f)); },
    .xShmUnmap = [](sqlite3_file* f, int remove) { return below(f).xShmUnmap(real(f), remove); },
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

inline int open(sqlite3_vfs* layer, const char* name, sqlite3_file* file, int flags, int* flags_out) {
  auto* platform = static_cast<sqlite3_vfs*>(layer->pAppData);
  auto* path = name == nullptr ? nullptr : new std::filesystem::path{name};
  auto* mine = new (file) File{.base = {}, .path = path, .wal = (flags & SQLITE_OPEN_WAL) != 0};
  const int code = platform->xOpen(platform, name, real(file), flags, flags_out);
  if (real(file)->pMethods == nullptr) {
    delete mine->path;
  } else {
    mine->base.pMethods = &kMethods;
  }
  return code;
}

}  // namespace test_disk

inline TestDisk::TestDisk() {
  sqlite3_vfs* platform = sqlite3_vfs_find(nullptr);
  layer = *platform;
  layer.pNext = nullptr;
  layer.zName = kTestDisk;
  layer.pAppData = platform;
  layer.szOsFile = static_cast<int>(sizeof(test_disk::File)) + platform->szOsFile;
  layer.xOpen = test_disk::open;
  if (current != nullptr || sqlite3_vfs_register(&layer, 0) != SQLITE_OK) std::terminate();
  current = this;
}

inline TestDisk::~TestDisk() {
  sqlite3_vfs_unregister(&layer);
  current = nullptr;
}

}  // namespace holdfast::sqlite
