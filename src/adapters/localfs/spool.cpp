#include "adapters/localfs/spool.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <map>
#include <mutex>
#include <optional>
#include <system_error>

#include "async/offload.hpp"

namespace holdfast {
namespace {

namespace fs = std::filesystem;
using localfs::path;

constexpr std::string_view kForm = "holdfast-spool-1\n";
constexpr std::string_view kEnding = ".spool";
constexpr std::size_t kNumberDigits = 16;
constexpr std::size_t kSumDigits = 64;
constexpr std::size_t kHeadBytes = 2 * kNumberDigits + kSumDigits;

/// A number as so many hexadecimal digits, so that names sort as numbers do.
std::string hex(std::uint64_t number) {
  std::string text(kNumberDigits, '0');
  for (std::size_t i = kNumberDigits; i > 0; --i, number >>= 4U) text[i - 1] = "0123456789abcdef"[number & 15U];
  return text;
}

std::optional<std::uint64_t> number_of(std::string_view text) {
  std::uint64_t number = 0;
  if (text.size() != kNumberDigits) return std::nullopt;
  for (const char digit : text) {
    const auto value = std::string_view{"0123456789abcdef"}.find(digit);
    if (value == std::string_view::npos) return std::nullopt;
    number = (number << 4U) | value;
  }
  return number;
}

std::string sum_of(std::string_view numbers, std::string_view bytes) {
  localfs::Sha256 hash;
  hash.add(numbers);
  hash.add(bytes);
  return hash.digest();
}

std::string frame(std::uint64_t seq, std::string_view bytes) {
  const std::string numbers = hex(bytes.size()) + hex(seq);
  std::string out = numbers + sum_of(numbers, bytes);
  out += bytes;
  return out;
}

/// The record at the front, if a whole one is there.
std::optional<SpoolRecord> first_record(std::string_view rest) {
  if (rest.size() < kHeadBytes) return std::nullopt;
  const auto length = number_of(rest.substr(0, kNumberDigits));
  const auto seq = number_of(rest.substr(kNumberDigits, kNumberDigits));
  if (!length || !seq || *length > rest.size() - kHeadBytes) return std::nullopt;
  const std::string_view bytes = rest.substr(kHeadBytes, *length);
  const std::string_view sum = rest.substr(2 * kNumberDigits, kSumDigits);
  if (sum != sum_of(rest.substr(0, 2 * kNumberDigits), bytes)) return std::nullopt;
  return SpoolRecord{.seq = *seq, .bytes = std::string{bytes}};
}

/// What a file holds: whole records, and how far they reach.
struct Parsed {
  std::vector<SpoolRecord> records;
  std::uint64_t whole_bytes = 0;  ///< 0: not even its form's name is there
};

Parsed parse(std::string_view text) {
  Parsed out;
  if (!text.starts_with(kForm)) return out;
  out.whole_bytes = kForm.size();
  while (auto record = first_record(text.substr(out.whole_bytes))) {
    out.whole_bytes += kHeadBytes + record->bytes.size();
    out.records.push_back(*std::move(record));
  }
  return out;
}

Result<std::string> read_all(int fd) {
  std::string text;
  std::array<char, 65'536> piece{};
  for (;;) {
    const ssize_t got = ::read(fd, piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return localfs::file_failure(errno, "read");
    if (got == 0) return text;
    text.append(piece.data(), static_cast<std::size_t>(got));
  }
}

}  // namespace

/// The files themselves. One call at a time, on any thread.
class LocalSpool::Files {
 public:
  Files(path folder, UniqueFd lock) : folder_{std::move(folder)}, lock_{std::move(lock)} {}

  Result<std::vector<SpoolRecord>> load() {
    const std::lock_guard lock{mutex_};
    HF_TRY(const auto names, list());
    std::vector<SpoolRecord> all;
    for (const auto& [first, file] : names) {
      HF_TRY(auto records, load_one(file));
      if (records.empty()) {
        HF_TRY_VOID(remove(file));
        continue;
      }
      files_[first] = {.file = file, .last = records.back().seq};
      next_ = std::max(next_, records.back().seq + 1);
      std::ranges::move(records, std::back_inserter(all));
    }
    return all;
  }

  Result<std::uint64_t> append(std::string_view bytes) {
    const std::lock_guard lock{mutex_};
    if (bytes.size() > kRecordMax) return fail(ErrorClass::resource, "HF-STO-02", "too long to be spooled");
    if (!open_) HF_TRY_VOID(begin_file());
    const std::uint64_t seq = next_;
    if (auto written = write(frame(seq, bytes)); !written) {
      if (give_up_file()) return std::unexpected{written.error()};
      return fail(ErrorClass::unknown, "HF-STO-01", written.error().what());
    }
    next_ += 1;
    files_.rbegin()->second.last = seq;
    if (size_ >= kFileMax) open_.reset();
    return seq;
  }

  Result<void> drop_through(std::uint64_t seq) {
    const std::lock_guard lock{mutex_};
    while (!files_.empty() && files_.begin()->second.last <= seq) {
      if (files_.size() == 1) open_.reset();
      HF_TRY_VOID(remove(files_.begin()->second.file));
      files_.erase(files_.begin());
    }
    return localfs::sync_folder(folder_);
  }

 private:
  struct File {
    path file;
    std::uint64_t last = 0;  ///< number of its newest record
  };

  [[nodiscard]] Result<std::map<std::uint64_t, path>> list() const {
    std::map<std::uint64_t, path> found;
    std::error_code bad;
    for (fs::directory_iterator entry{folder_, bad}; !bad && entry != fs::directory_iterator{}; entry.increment(bad)) {
      const auto first = number_of(entry->path().stem().string());
      if (first && entry->path().extension() == kEnding) found.emplace(*first, entry->path());
    }
    if (bad) return localfs::file_failure(bad.value(), "read the spool's folder");
    return found;
  }

  /// A file may end in the middle of a record: it was cut there, and nobody was told of that record.
  static Result<std::vector<SpoolRecord>> load_one(const path& file) {
    HF_TRY(const UniqueFd fd, localfs::open_file(file, O_RDWR));
    HF_TRY(const std::string text, read_all(fd.get()));
    Parsed parsed = parse(text);
    if (parsed.whole_bytes == text.size()) return std::move(parsed.records);
    if (is_followed(text, parsed.whole_bytes))
      return fail(ErrorClass::corrupt, "HF-SPL-02", file.string() + " is damaged");
    if (::ftruncate(fd.get(), static_cast<off_t>(parsed.whole_bytes)) != 0) return localfs::file_failure(errno, "cut");
    HF_TRY_VOID(localfs::sync_file(fd.get()));
    return std::move(parsed.records);
  }

  /// Whether a whole record lies behind the place where no record can be read: then what lies between was acknowledged.
  static bool is_followed(std::string_view text, std::uint64_t from) {
    for (std::uint64_t at = from + 1; at + kHeadBytes <= text.size(); ++at) {
      if (first_record(text.substr(at))) return true;
    }
    return false;
  }

  /// A new file in each process: what an earlier one wrote is not appended to. The folder is synced before anything in
  /// the file counts.
  Result<void> begin_file() {
    const path file = folder_ / (hex(next_) + std::string{kEnding});
    HF_TRY(UniqueFd made, localfs::open_file(file, O_WRONLY | O_CREAT | O_EXCL | O_APPEND));
    auto begun = localfs::write_all(made.get(), kForm);
    if (begun) begun = localfs::sync_folder(folder_);
    if (!begun) {
      ::unlink(file.c_str());
      return begun;
    }
    open_ = std::move(made);
    size_ = kForm.size();
    files_[next_] = {.file = file, .last = next_};
    return {};
  }

  Result<void> write(const std::string& framed) {
    HF_TRY_VOID(localfs::write_all(open_.get(), framed));
    HF_TRY_VOID(localfs::sync_file(open_.get()));
    size_ += framed.size();
    return {};
  }

  /// After a write or a sync that failed nothing more is appended here: what is on disk behind the last good record is
  /// not certain. It is cut off; false: that does not work either, so it may be read after a restart.
  bool give_up_file() {
    File& file = files_.rbegin()->second;
    const bool cut = ::ftruncate(open_.get(), static_cast<off_t>(size_)) == 0 && ::fsync(open_.get()) == 0;
    open_.reset();
    if (cut && size_ == kForm.size()) {
      ::unlink(file.file.c_str());
      files_.erase(std::prev(files_.end()));
    } else if (size_ > kForm.size()) {
      file.last = next_ - 1;
    }
    if (!cut) next_ += 1;  // its number is not given again
    return cut;
  }

  Result<void> remove(const path& file) const {
    if (::unlink(file.c_str()) != 0 && errno != ENOENT) return localfs::file_failure(errno, "remove");
    return {};
  }

  std::mutex mutex_;
  path folder_;
  UniqueFd lock_;  ///< of the folder itself; the kernel lets go of it when the process ends
  std::map<std::uint64_t, File> files_;  ///< by their first number
  std::uint64_t next_ = 1;
  UniqueFd open_;            ///< the newest one, while it is appended to
  std::uint64_t size_ = 0;   ///< of it, as far as records are whole
};

LocalSpool::LocalSpool(std::shared_ptr<Files> files, asio::thread_pool& pool) : files_{std::move(files)}, pool_{pool} {}
LocalSpool::~LocalSpool() = default;

Result<std::unique_ptr<LocalSpool>> LocalSpool::open(path folder, asio::thread_pool& pool) {
  HF_TRY_VOID(localfs::make_folder(folder));
  HF_TRY_VOID(localfs::sync_folder(fs::absolute(folder).lexically_normal().parent_path()));
  HF_TRY(UniqueFd lock, localfs::open_file(folder, O_RDONLY | O_DIRECTORY));
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0)
    return fail(ErrorClass::conflict, "HF-SRV-05", "another process uses " + folder.string());
  auto files = std::make_shared<Files>(std::move(folder), std::move(lock));
  return std::unique_ptr<LocalSpool>{new LocalSpool{std::move(files), pool}};
}

Task<Result<std::vector<SpoolRecord>>> LocalSpool::load() {
  auto call = [files = files_] { return files->load(); };
  auto there = offload(pool_, std::move(call));
  co_return co_await std::move(there);
}

Task<Result<std::uint64_t>> LocalSpool::append(std::string bytes) {
  auto call = [files = files_, bytes = std::move(bytes)] { return files->append(bytes); };
  auto there = offload(pool_, std::move(call));
  co_return co_await std::move(there);
}

Task<Result<void>> LocalSpool::drop_through(std::uint64_t seq) {
  auto call = [files = files_, seq] { return files->drop_through(seq); };
  auto there = offload(pool_, std::move(call));
  co_return co_await std::move(there);
}

}  // namespace holdfast
