#include "sim/sim_disk.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace holdfast::sim {
namespace {

void put(std::string* content, std::string_view bytes, std::size_t at) {
  if (content->size() < at + bytes.size()) content->resize(at + bytes.size());  // a hole reads as zeroes
  content->replace(at, bytes.size(), bytes);
}

}  // namespace

std::string& DiskFile::own(Content* content) {
  if (content->use_count() > 1) *content = std::make_shared<std::string>(**content);
  return **content;
}

void DiskFile::write(std::string_view bytes, std::size_t at) {
  put(&own(&seen_), bytes, at);
  waiting_.emplace_back(Write{at, std::string{bytes}});
}

void DiskFile::truncate(std::size_t size) {
  own(&seen_).resize(size);
  waiting_.emplace_back(Truncate{size});
}

void DiskFile::keep(const Change& change) {
  if (const auto* write = std::get_if<Write>(&change)) put(&own(&kept_), write->bytes, write->at);
  if (const auto* cut = std::get_if<Truncate>(&change)) own(&kept_).resize(cut->size);
}

/// Each sector that the change touches with even odds, whatever became of the others.
void DiskFile::keep_sectors(const Change& change, Rng& rng) {
  const auto* write = std::get_if<Write>(&change);
  if (write == nullptr) {
    if (rng.below(2) == 0) keep(change);
    return;
  }
  for (std::size_t from = 0; from < write->bytes.size();) {
    const std::size_t to =
        std::min(write->bytes.size(), ((write->at + from) / kSector + 1) * kSector - write->at);
    if (rng.below(2) == 0)
      put(&own(&kept_), std::string_view{write->bytes}.substr(from, to - from), write->at + from);
    from = to;
  }
}

void DiskFile::sync() {
  for (const Change& change : waiting_) keep(change);
  waiting_.clear();
}

void DiskFile::fail_sync(Rng& rng) {
  for (const Change& change : std::exchange(waiting_, {})) keep_sectors(change, rng);
}

/// Nothing; or all; or the first few, the last of them torn; or any sectors of any writes.
void DiskFile::cut(Rng& rng) {
  const std::uint64_t kind = rng.below(4);
  const std::size_t first = waiting_.empty() || kind != 2 ? 0 : rng.below(waiting_.size());
  const auto waited = std::exchange(waiting_, {});
  for (std::size_t i = 0; i < waited.size(); ++i) {
    if (kind == 1 || (kind == 2 && i < first)) keep(waited[i]);
    if (kind == 3 || (kind == 2 && i == first)) keep_sectors(waited[i], rng);
  }
  seen_ = kept_;
}

std::shared_ptr<DiskFile> DiskFile::copy() const {
  auto file = std::make_shared<DiskFile>();
  file->seen_ = file->kept_ = seen_;
  return file;
}

SimDisk::Outcome SimDisk::write(DiskFile& file, std::string_view bytes, std::size_t at) {
  const bool grows = at + bytes.size() > file.content().size();
  const bool full = faults.full && grows;
  if (!full && !std::exchange(faults.write_fails, false)) {
    file.write(bytes, at);
    return Outcome::done;
  }
  file.write(bytes.substr(0, rng_.below(bytes.size())), at);
  return full ? Outcome::full : Outcome::failed;
}

SimDisk::Outcome SimDisk::sync(DiskFile& file) {
  if (std::exchange(faults.sync_fails, false)) {
    file.fail_sync(rng_);
    return bugs.hides_failed_syncs ? Outcome::done : Outcome::failed;
  }
  if (!bugs.ignores_syncs) file.sync();
  return Outcome::done;
}

std::shared_ptr<DiskFile> SimDisk::find(const std::string& name) const {
  const auto found = folder_.find(name);
  return found == folder_.end() ? nullptr : found->second;
}

std::shared_ptr<DiskFile> SimDisk::create(const std::string& name) {
  return folder_[name] = std::make_shared<DiskFile>();
}

void SimDisk::sync_folder() {
  if (!bugs.ignores_syncs) kept_folder_ = folder_;
}

void SimDisk::die(Death how) {
  life_ += 1;
  if (how == Death::process) return;
  std::set<std::string> names;
  for (const auto& [name, file] : folder_) names.insert(name);
  for (const auto& [name, file] : kept_folder_) names.insert(name);
  Folder left;
  for (const std::string& name : names) {
    const Folder& from = rng_.below(2) == 0 ? folder_ : kept_folder_;
    if (const auto file = from.find(name); file != from.end()) left.insert(*file);
  }
  folder_ = kept_folder_ = left;
  for (const auto& [name, file] : folder_) file->cut(rng_);
}

SimDisk SimDisk::copy() const {
  SimDisk made{0};
  for (const auto& [name, file] : folder_) made.folder_[name] = file->copy();
  made.kept_folder_ = made.folder_;
  return made;
}

}  // namespace holdfast::sim
