#pragma once

#include <boost/asio/thread_pool.hpp>
#include <filesystem>
#include <string>

#include "core/base/result.hpp"
#include "ports/task.hpp"

namespace holdfast::ffmpeg {

/// A fresh folder for one piece of work; removed with all that is in it, on the pool, when this goes.
class WorkFolder {
 public:
  /// Errors: as localfs/file_io.hpp.
  static Result<WorkFolder> create(const std::filesystem::path& root, const std::string& token,
                                   asio::thread_pool& pool);
  WorkFolder(WorkFolder&& other) noexcept;
  WorkFolder& operator=(WorkFolder&&) = delete;
  ~WorkFolder();
  [[nodiscard]] const std::filesystem::path& place() const noexcept { return place_; }

 private:
  WorkFolder(std::filesystem::path place, asio::thread_pool& pool) : place_{std::move(place)}, pool_{&pool} {}
  std::filesystem::path place_;
  asio::thread_pool* pool_;
};

/// Makes DATA/work, empty. Call before any work starts: what is in it was left by a process that died.
Result<void> prepare_work(const std::filesystem::path& root);

}  // namespace holdfast::ffmpeg
