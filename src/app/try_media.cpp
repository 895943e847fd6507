#include "app/try_media.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <cerrno>
#include <filesystem>
#include <optional>

#include "adapters/asio/clock.hpp"
#include "adapters/asio/entropy.hpp"
#include "adapters/localfs/file_io.hpp"
#include "app/wire_workers.hpp"

namespace holdfast {
namespace {

namespace fs = std::filesystem;

/// A folder that goes with this object; an empty path: it could not be made.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::error_code problem;
    std::string pattern = (fs::temp_directory_path(problem) / "holdfast-doctor-XXXXXX").string();
    if (::mkdtemp(pattern.data()) != nullptr) path_ = pattern;
  }
  ~ScratchFolder() {
    std::error_code problem;
    if (!path_.empty()) fs::remove_all(path_, problem);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

}  // namespace

Result<void> try_media(const Settings& settings) {
  const ScratchFolder scratch;
  if (scratch.path().empty()) return localfs::file_failure(errno, "no temporary folder can be made");
  asio::io_context io{1};
  asio::thread_pool files{1};
  SystemClock clock{io.get_executor()};
  SystemEntropy entropy;
  HF_TRY(const auto blobs, LocalBlobStore::open({.root = scratch.path(), .reserve_bytes = 0}, files, entropy));
  Installation here;
  std::error_code problem;
  here.programs = fs::read_symlink("/proc/self/exe", problem).parent_path();
  HF_TRY(const auto media, open_media(settings, here, {io.get_executor(), files, clock, entropy, *blobs}));
  std::optional<Result<void>> found;
  asio::co_spawn(io, media->probe(WorkerKind::media), [&found](std::exception_ptr bug, Result<void> result) {
    if (!bug) found = std::move(result);
  });
  io.run();
  files.join();
  return found ? *std::move(found) : fail(ErrorClass::unknown, "HF-SRV-01", "the probe did not end");
}

}  // namespace holdfast
