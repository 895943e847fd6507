#include "sim/disk_layer.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cstring>
#include <exception>
#include <new>

namespace holdfast::sim {
namespace {

constexpr int kSectorBytes = 4096;  ///< what SQLite's own layer says on Linux
constexpr int kNameMax = 200;

struct Layer;

/// One open file. SQLite gives the memory and calls `close` at the end.
struct Open {
  sqlite3_file base{};
  Layer* layer = nullptr;
  std::shared_ptr<DiskFile> file;
  std::string name;
  std::uint64_t life = 0;    ///< of the disk when it was opened
  bool new_journal = false;  ///< its folder is to be synced with it
  bool temporary = false;
  bool mapped = false;  ///< uses the shared memory
  int level = SQLITE_LOCK_NONE;
  unsigned shared = 0;  ///< bits: locks on the shared memory
  unsigned exclusive = 0;
};

using Region = std::unique_ptr<char[]>;

/// What all who have a file open share.
struct Meeting {
  std::vector<Open*> members;
  std::vector<Region> memory;
};

struct Layer {
  SimDisk& disk;
  std::map<const DiskFile*, Meeting> meetings;
  std::uint64_t temporaries = 0;
};

Open& opened(sqlite3_file* file) { return *reinterpret_cast<Open*>(file); }
Layer& layer_of(sqlite3_vfs* vfs) { return *static_cast<Layer*>(vfs->pAppData); }
Meeting& meeting_of(const Open& mine) { return mine.layer->meetings[mine.file.get()]; }
bool is_dead(const Open& mine) { return mine.life != mine.layer->disk.life(); }

bool any_other(const Open& mine, auto&& condition) {
  return std::ranges::any_of(meeting_of(mine).members,
                             [&](const Open* other) { return other != &mine && condition(*other); });
}

int close(sqlite3_file* file) {
  Open& mine = opened(file);
  auto& members = meeting_of(mine).members;
  std::erase(members, &mine);
  if (members.empty()) mine.layer->meetings.erase(mine.file.get());
  if (mine.temporary && !is_dead(mine)) mine.layer->disk.remove(mine.name);
  mine.~Open();
  return SQLITE_OK;
}

int read(sqlite3_file* file, void* to, int size, sqlite3_int64 at) {
  const Open& mine = opened(file);
  if (is_dead(mine)) return SQLITE_IOERR_READ;
  const std::string& content = mine.file->content();
  const std::size_t from = std::min(content.size(), static_cast<std::size_t>(at));
  const std::size_t found = std::min(content.size() - from, static_cast<std::size_t>(size));
  std::memcpy(to, content.data() + from, found);
  if (found == static_cast<std::size_t>(size)) return SQLITE_OK;
  std::memset(static_cast<char*>(to) + found, 0, static_cast<std::size_t>(size) - found);
  return SQLITE_IOERR_SHORT_READ;
}

int write(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 at) {
  const Open& mine = opened(file);
  if (is_dead(mine)) return SQLITE_IOERR_WRITE;
  const std::string_view text{static_cast<const char*>(bytes), static_cast<std::size_t>(size)};
  switch (mine.layer->disk.write(*mine.file, text, static_cast<std::size_t>(at))) {
    case SimDisk::Outcome::done:
      return SQLITE_OK;
    case SimDisk::Outcome::failed:
      return SQLITE_IOERR_WRITE;
    case SimDisk::Outcome::full:
      return SQLITE_FULL;
  }
  return SQLITE_IOERR_WRITE;
}

int truncate(sqlite3_file* file, sqlite3_int64 size) {
  const Open& mine = opened(file);
  if (is_dead(mine)) return SQLITE_IOERR_TRUNCATE;
  mine.file->truncate(static_cast<std::size_t>(size));
  return SQLITE_OK;
}

int sync(sqlite3_file* file, int /*flags*/) {
  Open& mine = opened(file);
  if (is_dead(mine) || mine.layer->disk.sync(*mine.file) != SimDisk::Outcome::done) return SQLITE_IOERR_FSYNC;
  if (std::exchange(mine.new_journal, false)) mine.layer->disk.sync_folder();
  return SQLITE_OK;
}

int file_size(sqlite3_file* file, sqlite3_int64* size) {
  const Open& mine = opened(file);
  if (is_dead(mine)) return SQLITE_IOERR_FSTAT;
  *size = static_cast<sqlite3_int64>(mine.file->content().size());
  return SQLITE_OK;
}

/// SQLite's five levels; see sqlite.org/lockingv3.html.
int lock(sqlite3_file* file, int level) {
  Open& mine = opened(file);
  if (is_dead(mine)) return SQLITE_IOERR_LOCK;
  if (mine.level >= level) return SQLITE_OK;
  const int bar = level == SQLITE_LOCK_SHARED ? SQLITE_LOCK_PENDING : SQLITE_LOCK_RESERVED;
  if (any_other(mine, [bar](const Open& other) { return other.level >= bar; })) return SQLITE_BUSY;
  const bool readers = any_other(mine, [](const Open& other) { return other.level >= SQLITE_LOCK_SHARED; });
  const bool waits = level == SQLITE_LOCK_EXCLUSIVE && readers;
  mine.level = waits ? SQLITE_LOCK_PENDING : level;
  return waits ? SQLITE_BUSY : SQLITE_OK;
}

int unlock(sqlite3_file* file, int level) {
  opened(file).level = std::min(opened(file).level, level);
  return SQLITE_OK;
}

int check_reserved(sqlite3_file* file, int* out) {
  const Open& mine = opened(file);
  *out = mine.level >= SQLITE_LOCK_RESERVED ||
         any_other(mine, [](const Open& other) { return other.level >= SQLITE_LOCK_RESERVED; });
  return SQLITE_OK;
}

int map_memory(sqlite3_file* file, int number, int size, int extend, void volatile** out) {
  Open& mine = opened(file);
  *out = nullptr;
  if (is_dead(mine)) return SQLITE_IOERR_SHMMAP;
  mine.mapped = true;
  auto& memory = meeting_of(mine).memory;
  const auto wanted = static_cast<std::size_t>(number) + 1;
  while (memory.size() < wanted && extend != 0)
    memory.push_back(std::make_unique<char[]>(static_cast<std::size_t>(size)));  // zeroes, as a new file
  if (memory.size() >= wanted) *out = memory[wanted - 1].get();
  return SQLITE_OK;
}

int lock_memory(sqlite3_file* file, int offset, int count, int flags) {
  Open& mine = opened(file);
  if (is_dead(mine)) return SQLITE_IOERR_SHMLOCK;
  const unsigned bits = ((1U << static_cast<unsigned>(count)) - 1U) << static_cast<unsigned>(offset);
  if ((flags & SQLITE_SHM_UNLOCK) != 0) {
    mine.shared &= ~bits;
    mine.exclusive &= ~bits;
    return SQLITE_OK;
  }
  const bool alone = (flags & SQLITE_SHM_EXCLUSIVE) != 0;
  const auto stands_in_the_way = [&](const Open& other) {
    return (other.exclusive & bits) != 0 || (alone && (other.shared & bits) != 0);
  };
  if (any_other(mine, stands_in_the_way)) return SQLITE_BUSY;
  (alone ? mine.exclusive : mine.shared) |= bits;
  return SQLITE_OK;
}

int unmap_memory(sqlite3_file* file, int /*remove*/) {
  Open& mine = opened(file);
  mine.mapped = false;
  mine.shared = mine.exclusive = 0;
  auto& [members, memory] = meeting_of(mine);
  if (std::ranges::none_of(members, &Open::mapped)) memory.clear();
  return SQLITE_OK;
}

const sqlite3_io_methods kMethods{
    .iVersion = 2,
    .xClose = close,
    .xRead = read,
    .xWrite = write,
    .xTruncate = truncate,
    .xSync = sync,
    .xFileSize = file_size,
    .xLock = lock,
    .xUnlock = unlock,
    .xCheckReservedLock = check_reserved,
    .xFileControl = [](sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; },
    .xSectorSize = [](sqlite3_file*) { return kSectorBytes; },
    .xDeviceCharacteristics = [](sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; },
    .xShmMap = map_memory,
    .xShmLock = lock_memory,
    .xShmBarrier = [](sqlite3_file*) {},
    .xShmUnmap = unmap_memory,
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* flags_out) {
  Layer& layer = layer_of(vfs);
  file->pMethods = nullptr;
  const std::string path = name != nullptr ? name : "temporary" + std::to_string(++layer.temporaries);
  auto found = layer.disk.find(path);
  const bool fresh = found == nullptr;
  if (fresh && (flags & SQLITE_OPEN_CREATE) == 0) return SQLITE_CANTOPEN;
  if (fresh) found = layer.disk.create(path);
  auto* mine = new (file) Open{.layer = &layer, .file = std::move(found), .name = path};
  mine->life = layer.disk.life();
  mine->new_journal = fresh && (flags & (SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL)) != 0;
  mine->temporary = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
  mine->base.pMethods = &kMethods;
  meeting_of(*mine).members.push_back(mine);
  if (flags_out != nullptr) *flags_out = flags;
  return SQLITE_OK;
}

int remove(sqlite3_vfs* vfs, const char* name, int sync_folder) {
  SimDisk& disk = layer_of(vfs).disk;
  if (disk.find(name) == nullptr) return SQLITE_IOERR_DELETE_NOENT;
  disk.remove(name);
  if (sync_folder != 0) disk.sync_folder();
  return SQLITE_OK;
}

int access(sqlite3_vfs* vfs, const char* name, int flags, int* out) {
  const auto found = layer_of(vfs).disk.find(name);
  const bool counts = flags != SQLITE_ACCESS_EXISTS || (found != nullptr && !found->content().empty());
  *out = found != nullptr && counts ? 1 : 0;  // as on Linux: an empty file does not exist
  return SQLITE_OK;
}

int full_name(sqlite3_vfs* /*vfs*/, const char* name, int size, char* out) {
  sqlite3_snprintf(size, out, "%s", name);
  return SQLITE_OK;
}

int current_time(sqlite3_vfs* /*vfs*/, sqlite3_int64* out) {
  *out = 0;  // no statement of the store asks for it
  return SQLITE_OK;
}

}  // namespace

struct DiskLayer::Registered {
  Layer layer;
  sqlite3_vfs vfs{};
};

DiskLayer::DiskLayer(SimDisk& disk)
    : name_{"holdfast-sim-" + std::to_string(reinterpret_cast<std::uintptr_t>(this))},
      registered_{std::make_unique<Registered>(Layer{.disk = disk, .meetings = {}})} {
  sqlite3_vfs& vfs = registered_->vfs;
  vfs = *sqlite3_vfs_find(nullptr);  // for its randomness, which decides nothing
  vfs.pNext = nullptr;
  vfs.zName = name_.c_str();
  vfs.pAppData = &registered_->layer;
  vfs.szOsFile = sizeof(Open);
  vfs.mxPathname = kNameMax;
  vfs.xOpen = open;
  vfs.xDelete = remove;
  vfs.xAccess = access;
  vfs.xFullPathname = full_name;
  vfs.xSleep = [](sqlite3_vfs*, int micros) { return micros; };
  vfs.xCurrentTimeInt64 = current_time;
  vfs.xGetLastError = [](sqlite3_vfs*, int, char*) { return 0; };
  if (sqlite3_vfs_register(&vfs, 0) != SQLITE_OK) std::terminate();
}

DiskLayer::~DiskLayer() { sqlite3_vfs_unregister(&registered_->vfs); }

}  // namespace holdfast::sim
