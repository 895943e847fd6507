#include "app/verify.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <filesystem>

#include "adapters/asio/entropy.hpp"
#include "adapters/localfs/blob_store.hpp"
#include "adapters/sqlite/stores.hpp"
#include "flow/queue/artifact.hpp"

namespace holdfast {

Result<std::vector<Violation>> run_verify(const Settings& settings) {
  const std::filesystem::path root = settings.storage.data;
  if (!std::filesystem::exists(root / "holdfast.db")) {
    return fail(ErrorClass::not_found, "HF-CLI-06", "there is no data folder at " + root.string());
  }
  asio::io_context io{1};
  asio::thread_pool files{2};
  SystemEntropy entropy;
  HF_TRY(auto blobs, LocalBlobStore::open({.root = root, .read_only = true}, files, entropy));
  HF_TRY(auto store, open_sqlite_job_store((root / "holdfast.db").string(), {.read_only = true}));

  std::optional<Result<std::vector<Violation>>> found;
  const guard::MadeOf made_of = [](const Job& job) {
    const auto audio = queue::converted_audio(job);
    return audio && !queue::artifacts_over(job) ? std::vector{*audio} : std::vector<BlobInfo>{};
  };
  auto verifying = guard::verify(*store, *blobs, made_of);
  asio::co_spawn(io, std::move(verifying),
                 [&found](std::exception_ptr bug, Result<std::vector<Violation>> result) {
                   if (!bug) found = std::move(result);
                 });
  io.run();
  if (!found) return fail(ErrorClass::unknown, "HF-SRV-01", "the check did not end");
  return std::move(*found);
}

}  // namespace holdfast
