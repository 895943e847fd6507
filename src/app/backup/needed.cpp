#include "app/backup/needed.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <optional>
#include <system_error>

#include "adapters/localfs/spool.hpp"
#include "adapters/sqlite/stores.hpp"
#include "flow/queue/artifact.hpp"
#include "flow/spool/spooled.hpp"

namespace holdfast::backup {
namespace {

namespace fs = std::filesystem;

constexpr unsigned kPage = 200;
using Files = std::vector<BlobInfo>;

void add_files_of(const Job& job, Files& files) {
  if (!job.input.blob.empty() && keeps_file(job))
    files.push_back({.id = job.input.blob, .bytes = job.input.bytes, .sha256 = job.input.sha256});
  const auto audio = queue::converted_audio(job);
  if (audio && !queue::artifacts_over(job)) files.push_back(*audio);
}

Task<Result<Files>> ask_jobs(JobStore* store, Spool* spool) {
  Files files;
  HF_CO_TRY(const auto records, co_await spool->load());
  for (const SpoolRecord& record : records) {
    HF_CO_TRY(const auto spooled, spool::read_spooled(record.bytes));
    if (const auto* upload = std::get_if<spool::Upload>(&spooled)) add_files_of(upload->created.after, files);
  }
  Query query{.limit = kPage};
  for (;;) {
    HF_CO_TRY(const auto jobs, co_await store->list(query));
    for (const Job& job : jobs) add_files_of(job, files);
    if (jobs.size() < kPage) co_return files;
    query.before = jobs.back().id;
  }
}

Result<Files> read_both(const path& store, const path& spool) {
  asio::thread_pool blocking{1};
  HF_TRY(const auto records, LocalSpool::open(spool, blocking));
  HF_TRY(const auto jobs, open_sqlite_job_store(store.string(), {.read_only = true}));
  asio::io_context io{1};
  std::optional<Result<Files>> files;
  asio::co_spawn(io, ask_jobs(jobs.get(), records.get()), [&files](std::exception_ptr bug, Result<Files> result) {
    if (!bug) files = std::move(result);
  });
  io.run();
  if (!files) return fail(ErrorClass::unknown, "HF-SRV-01", "reading the copy did not end");
  return *std::move(files);
}

}  // namespace

Result<Files> needed_files(const path& store, const path& spool) {
  auto files = read_both(store, spool);
  for (const char* beside : {"-wal", "-shm"}) {
    std::error_code bad;
    fs::remove(store.string() + beside, bad);  // nothing was written through them
  }
  if (!files) return files;
  std::ranges::sort(*files, {}, &BlobInfo::id);
  const auto same = std::ranges::unique(*files, {}, &BlobInfo::id);  // an item may be in both
  files->erase(same.begin(), same.end());
  return files;
}

}  // namespace holdfast::backup
