#include "app/backup/create.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <set>
#include <system_error>

#include "adapters/localfs/layout.hpp"
#include "adapters/sqlite/snapshot.hpp"
#include "app/backup/copy_file.hpp"
#include "app/backup/needed.hpp"
#include "core/base/rfc3339.hpp"

namespace holdfast::backup {
namespace {

namespace fs = std::filesystem;

/// Copies of the store, each newer, until every file that the newest needs is there. Each takes little: only files
/// that came since are copied.
constexpr unsigned kRoundsMax = 20;
constexpr const char* kPartial = ".partial";

std::string file_name(const BlobId& id) { return "files/" + id.text().substr(0, 2) + '/' + id.text(); }

/// A name for a folder, everywhere: "2026-11-22T04-19-07.250Z".
std::string folder_name(WallTime at) {
  std::string name = to_rfc3339(at);
  std::ranges::replace(name, ':', '-');
  return name;
}

Result<UniqueFd> lock(const path& target) {
  std::error_code bad;
  if (fs::create_directories(target, bad)) fs::permissions(target, fs::perms::owner_all, bad);
  HF_TRY(UniqueFd held, localfs::open_file(target / ".lock", O_RDWR | O_CREAT));
  if (::flock(held.get(), LOCK_EX | LOCK_NB) != 0)
    return fail(ErrorClass::conflict, "HF-BAK-04", "a backup is being made in " + target.string());
  return held;
}

/// What the manifests of earlier backups say is there: SHA-256 -> file. One that cannot be read has nothing for us.
std::map<std::string, path> files_of_earlier(const path& target) {
  std::map<std::string, path> known;
  const auto backups = find_backups(target);
  if (!backups) return known;
  for (const path& backup : *backups) {
    const auto manifest = read_manifest(backup);
    if (!manifest) continue;
    for (const FileEntry& file : manifest->files)
      if (file.name.starts_with("files/")) known.insert_or_assign(file.sha256, backup / file.name);
  }
  return known;
}

class Maker {
 public:
  Maker(const Order& order, path partial) : order_{order}, partial_{std::move(partial)} {
    if (order.incremental) earlier_ = files_of_earlier(order.target);
  }

  Result<Created> make() {
    HF_TRY_VOID(localfs::make_layout(partial_));
    for (unsigned round = 0; round < kRoundsMax; ++round) {
      HF_TRY_VOID(copy_spool());
      HF_TRY_VOID(copy_store());
      HF_TRY(const auto needed, needed_files(partial_ / kStore, partial_ / kSpool));
      HF_TRY(const bool all, bring(needed));
      if (all) return finish(needed);
    }
    return fail(ErrorClass::transient, "HF-BAK-05", "files went faster than they were copied");
  }

 private:
  /// Before the store: what is flushed meanwhile is in both, which changes nothing.
  Result<void> copy_spool() {
    std::error_code bad;
    at_ = order_.now();
    fs::remove_all(partial_ / kSpool, bad);
    HF_TRY_VOID(localfs::make_folder(partial_ / kSpool));
    for (fs::directory_iterator at{order_.spool, bad}; !bad && at != fs::directory_iterator{}; at.increment(bad)) {
      if (at->path().extension() != ".spool") continue;
      const auto copied = backup::copy_file(at->path(), partial_ / kSpool / at->path().filename());
      const bool flushed = !copied && copied.error().error_class() == ErrorClass::not_found;
      if (!copied && !flushed) return std::unexpected{copied.error()};
    }
    return {};
  }

  Result<void> copy_store() {
    std::error_code bad;
    fs::remove(partial_ / kStore, bad);
    made_.manifest.point.at = to_rfc3339(at_);
    HF_TRY(const SnapshotPoint point, copy_sqlite_store((order_.data / kStore).string(), (partial_ / kStore).string()));
    made_.manifest.point.last_event = point.last_event;
    made_.manifest.point.items = point.items;
    made_.manifest.point.schema = point.schema;
    return {};
  }

  /// False: some went while we copied, so an item has given them up since: a newer copy of the store says so.
  Result<bool> bring(const std::vector<BlobInfo>& needed) {
    bool all = true;
    std::set<BlobId> gone;
    made_.manifest.unsound.clear();
    for (const BlobInfo& file : needed) {
      if (there_.contains(file.id)) continue;
      const auto brought = bring_one(file);
      if (brought) continue;
      if (brought.error().error_class() != ErrorClass::not_found) return std::unexpected{brought.error()};
      gone.insert(file.id);
      if (gone_.contains(file.id)) {  // it was gone before this copy was made, and still is to be there
        made_.manifest.unsound.push_back({file_name(file.id), "is not in the data folder"});
      } else {
        all = false;
      }
    }
    gone_ = std::move(gone);
    return all;
  }

  Result<void> bring_one(const BlobInfo& file) {
    const path to = partial_ / file_name(file.id);
    if (reuse(file, to)) {
      there_[file.id] = {file_name(file.id), file.bytes, file.sha256};
      return {};
    }
    const auto copied = backup::copy_file(order_.data / file_name(file.id), to);
    if (!copied) return std::unexpected{copied.error()};
    made_.bytes_copied += copied->bytes;
    there_[file.id] = {file_name(file.id), copied->bytes, copied->sha256};
    return {};
  }

  /// Whether an earlier backup had it, and still has it whole.
  bool reuse(const BlobInfo& file, const path& to) const {
    const auto found = earlier_.find(file.sha256);
    if (found == earlier_.end() || ::link(found->second.c_str(), to.c_str()) != 0) return false;
    const auto measured = measure(to);
    if (measured && measured->sha256 == file.sha256) return true;
    ::unlink(to.c_str());
    return false;
  }

  Result<Created> finish(const std::vector<BlobInfo>& needed) {
    std::set<BlobId> wanted;
    for (const BlobInfo& file : needed) {
      if (!there_.contains(file.id) || !wanted.insert(file.id).second) continue;
      const FileEntry& entry = there_.at(file.id);
      if (!file.sha256.empty() && entry.sha256 != file.sha256)
        made_.manifest.unsound.push_back({entry.name, "has other bytes than were recorded"});
      add(entry);
    }
    for (const auto& [id, entry] : there_)
      if (!wanted.contains(id)) ::unlink((partial_ / entry.name).c_str());
    HF_TRY_VOID(add_copy(kStore));
    std::error_code bad;
    for (const auto& file : fs::directory_iterator{partial_ / kSpool, bad})
      HF_TRY_VOID(add_copy(std::string{kSpool} + '/' + file.path().filename().string()));
    std::ranges::sort(made_.manifest.files, {}, &FileEntry::name);
    made_.manifest.made_by = HF_VERSION;
    HF_TRY_VOID(write_manifest(partial_, made_.manifest));
    HF_TRY_VOID(sync_all(partial_));
    made_.folder = order_.target / folder_name(at_);
    HF_TRY_VOID(localfs::rename_new(partial_, made_.folder));
    HF_TRY_VOID(localfs::sync_folder(order_.target));
    return std::move(made_);
  }

  /// A file that was copied whatever an earlier backup has, and is as it is to stay now.
  Result<void> add_copy(const std::string& name) {
    HF_TRY(const auto measured, measure(partial_ / name));
    made_.bytes_copied += measured.bytes;
    add({name, measured.bytes, measured.sha256});
    return {};
  }

  void add(const FileEntry& entry) {
    made_.bytes += entry.bytes;
    made_.manifest.files.push_back(entry);
  }

  const Order& order_;
  path partial_;
  WallTime at_{};  ///< everything that was answered before is in the newest copy of the store
  std::map<std::string, path> earlier_;
  std::map<BlobId, FileEntry> there_;
  std::set<BlobId> gone_;  ///< that the round before did not find
  Created made_;
};

}  // namespace

Result<Created> create(const Order& order) {
  std::error_code bad;
  if (!fs::exists(order.data / kStore, bad))
    return fail(ErrorClass::not_found, "HF-CLI-06", "there is no data folder at " + order.data.string());
  HF_TRY(const UniqueFd held, lock(order.target));
  const path partial = order.target / kPartial;
  fs::remove_all(partial, bad);  // of one that was cut short
  if (bad) return localfs::file_failure(bad.value(), "remove what an earlier backup left");
  auto made = Maker{order, partial}.make();
  if (!made) fs::remove_all(partial, bad);
  return made;
}

}  // namespace holdfast::backup
