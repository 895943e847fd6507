#pragma once

#include <boost/asio/thread_pool.hpp>
#include <memory>

#include "adapters/localfs/file_io.hpp"
#include "ports/spool.hpp"

namespace holdfast {

/// The spool as files in a folder: FOLDER/<first number>.spool, each begun with its form's name and then appended to,
/// record by record: length, number, SHA-256 of both and of the bytes, the bytes. Blocking calls run on `pool`, which
/// must outlive it.
class LocalSpool final : public Spool {
 public:
  /// Makes the folder where it is missing, durably, and locks it as long as this lives. Errors: conflict HF-SRV-05
  /// (another process has it), as localfs/file_io.hpp.
  static Result<std::unique_ptr<LocalSpool>> open(std::filesystem::path folder, asio::thread_pool& pool);
  ~LocalSpool() override;

  Task<Result<std::vector<SpoolRecord>>> load() override;
  Task<Result<std::uint64_t>> append(std::string bytes) override;
  Task<Result<void>> drop_through(std::uint64_t seq) override;

  /// A file that is so long is not appended to any more.
  static constexpr std::uint64_t kFileMax = 8U << 20U;

 private:
  class Files;
  LocalSpool(std::shared_ptr<Files> files, asio::thread_pool& pool);

  std::shared_ptr<Files> files_;
  asio::thread_pool& pool_;
};

}  // namespace holdfast
