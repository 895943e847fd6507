#include "adapters/ffmpeg/work_folder.hpp"

#include <boost/asio/post.hpp>
#include <chrono>
#include <system_error>
#include <thread>

#include "adapters/localfs/file_io.hpp"

namespace holdfast::ffmpeg {
namespace {

namespace fs = std::filesystem;

/// A program that is being killed may still make a file while its folder is removed.
void remove_for_good(const fs::path& place) {
  constexpr int kTries = 100;
  std::error_code error;
  for (int i = 0; i < kTries && fs::exists(place, error); ++i) {
    fs::remove_all(place, error);
    if (error) std::this_thread::sleep_for(std::chrono::milliseconds{10});
  }
}

}  // namespace

Result<WorkFolder> WorkFolder::create(const fs::path& root, const std::string& token,
                                      asio::thread_pool& pool) {
  HF_TRY_VOID(localfs::make_folder(root / "work"));
  const fs::path place = root / "work" / token;
  HF_TRY_VOID(localfs::make_folder(place));
  return WorkFolder{place, pool};
}

WorkFolder::WorkFolder(WorkFolder&& other) noexcept : place_{std::move(other.place_)}, pool_{other.pool_} {
  other.place_.clear();
}

WorkFolder::~WorkFolder() {
  if (place_.empty()) return;
  asio::post(*pool_, [place = std::move(place_)] { remove_for_good(place); });
}

Result<void> prepare_work(const fs::path& root) {
  std::error_code error;
  fs::remove_all(root / "work", error);
  if (error) return localfs::file_failure(error.value(), "clear the work folder");
  return localfs::make_folder(root / "work");
}

}  // namespace holdfast::ffmpeg
