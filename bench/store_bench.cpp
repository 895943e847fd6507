/// store_bench: what the store does, as numbers in JSON. bench/run makes tables of them.
///   cycles DIR CLIENTS SECONDS   life cycles (enqueue, claim, complete; each durable) with so many callers
///   at once raw DIR ROWS SECONDS         the limit below it: rows of 500 bytes, so many a commit, same
///   SQLite settings fill DIR JOBS                puts pending jobs into a store claim DIR cost of a claim in
///   the store as it is bytes DIR JOBS               bytes on disk for a finished job with its audit trail,
///   payload 300 B

#include <sqlite3.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <string>

#include "adapters/sqlite/stores.hpp"
#include "core/base/make_id.hpp"
#include "core/job/decide.hpp"

namespace {

using namespace holdfast;
using Steady = std::chrono::steady_clock;

Transition new_job(std::uint64_t number) {
  Transition created;
  Job& job = created.after;
  const WallTime now = std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
  job.id = make_item_id(now, {number * 0x9e3779b97f4a7c15ULL, number});
  job.job_key = job.id.text();
  job.owner = "bench";
  job.recipe = "cycle";
  job.version = 1;
  job.created_at = job.updated_at = job.ready_at = now;
  job.input.payload = std::string(300, 'x');
  job.stages = {{.name = "upload", .kind = "upload", .title = "Saved", .state = StageState::completed},
                {.name = "work", .kind = "generate", .title = "Working", .bulkhead = "engine"}};
  job.stage = 1;
  created.audit.push_back({.type = "job.created", .stage = "upload"});
  return created;
}

double seconds_since(Steady::time_point start) {
  return std::chrono::duration<double>(Steady::now() - start).count();
}

struct Count {
  std::uint64_t cycles = 0;
  std::uint64_t number = 0;
  Steady::time_point end;
  bool failed = false;
};

Task<void> enqueue_one(JobStore& store, Count* count) {
  auto created = new_job(++count->number);
  const auto enqueued = co_await store.enqueue(std::move(created));
  count->failed |= !enqueued;
}

Task<void> finish_one(JobStore& store, Count* count) {
  ClaimRequest request{.bulkhead = "engine", .count_max = 1, .node = NodeId{"bench"}};
  auto jobs = co_await store.claim(std::move(request));
  if (!jobs || jobs->empty()) co_return;
  const Decide done = [](const Job& job, WallTime now) {
    return decide::succeed(job, {.output = "{}"}, now);
  };
  const Job& job = jobs->front();
  const auto settled = co_await store.update_leased(job.id, job.fence, done);
  count->failed |= !settled;
  count->cycles += settled ? 1 : 0;
}

Task<void> client(JobStore& store, Count* count) {
  while (Steady::now() < count->end && !count->failed) {
    co_await enqueue_one(store, count);
    co_await finish_one(store, count);
  }
}

void run_clients(asio::io_context& io, JobStore& store, Count* count, unsigned clients) {
  for (unsigned i = 0; i < clients; ++i) asio::co_spawn(io, client(store, count), [](std::exception_ptr) {});
  io.run();
}

std::unique_ptr<JobStore> open(const std::string& folder) {
  auto store = open_sqlite_job_store(folder + "/holdfast.db");
  if (!store) {
    std::fprintf(stderr, "store_bench: %s\n", store.error().what().c_str());
    std::exit(1);
  }
  return std::move(*store);
}

int cycles(const std::string& folder, unsigned clients, double seconds) {
  asio::io_context io{1};
  auto store = open(folder);
  Count count{.number = static_cast<std::uint64_t>(Steady::now().time_since_epoch().count())};
  const auto start = Steady::now();
  count.end = start + std::chrono::duration_cast<Steady::duration>(std::chrono::duration<double>(seconds));
  run_clients(io, *store, &count, clients);
  std::printf("{\"cycles_per_s\":%.1f}\n", double(count.cycles) / seconds_since(start));
  return count.failed ? 1 : 0;
}

int raw(const std::string& folder, unsigned rows, double seconds) {
  sqlite3* db = nullptr;
  sqlite3_open((folder + "/raw.db").c_str(), &db);
  sqlite3_exec(db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE t(x)", nullptr, nullptr,
               nullptr);
  sqlite3_stmt* insert = nullptr;
  sqlite3_prepare_v2(db, "INSERT INTO t VALUES(zeroblob(500))", -1, &insert, nullptr);
  std::uint64_t commits = 0;
  const auto start = Steady::now();
  while (seconds_since(start) < seconds) {
    sqlite3_exec(db, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr);
    for (unsigned i = 0; i < rows; ++i) {
      sqlite3_step(insert);
      sqlite3_reset(insert);
    }
    if (sqlite3_exec(db, "COMMIT", nullptr, nullptr, nullptr) != SQLITE_OK) return 1;
    commits += 1;
  }
  const double elapsed = seconds_since(start);
  sqlite3_finalize(insert);
  sqlite3_close(db);
  std::printf("{\"commits_per_s\":%.1f,\"rows_per_s\":%.1f}\n", double(commits) / elapsed,
              double(commits) * rows / elapsed);
  return 0;
}

Task<void> add_jobs(JobStore& store, Count* count, std::uint64_t last) {
  while (count->number < last && !count->failed) co_await enqueue_one(store, count);
}

int fill(const std::string& folder, std::uint64_t jobs) {
  asio::io_context io{1};
  auto store = open(folder);
  Count count;
  for (unsigned i = 0; i < 512; ++i)
    asio::co_spawn(io, add_jobs(*store, &count, jobs), [](std::exception_ptr) {});
  io.run();
  return count.failed ? 1 : 0;
}

Task<void> claim_some(JobStore& store, unsigned times, double* us) {
  const auto start = Steady::now();
  for (unsigned i = 0; i < times; ++i) {
    ClaimRequest request{.bulkhead = "engine", .count_max = 1, .node = NodeId{"bench"}};
    const auto jobs = co_await store.claim(std::move(request));
    if (!jobs) co_return;
  }
  *us = seconds_since(start) * 1e6 / times;
}

int claim(const std::string& folder) {
  asio::io_context io{1};
  auto store = open(folder);
  double us = -1;
  asio::co_spawn(io, claim_some(*store, 200, &us), [](std::exception_ptr) {});
  io.run();
  std::printf("{\"claim_us\":%.1f}\n", us);
  return us < 0 ? 1 : 0;
}

std::uintmax_t file_bytes(const std::string& path) {
  std::error_code missing;
  const auto bytes = std::filesystem::file_size(path, missing);
  return missing ? 0 : bytes;
}

Task<void> finish_jobs(JobStore& store, Count* count, std::uint64_t jobs) {
  while (count->cycles < jobs && !count->failed) {
    co_await enqueue_one(store, count);
    co_await finish_one(store, count);
  }
}

int bytes(const std::string& folder, std::uint64_t jobs) {
  Count count;
  {
    asio::io_context io{1};
    auto store = open(folder);
    for (unsigned i = 0; i < 64; ++i)
      asio::co_spawn(io, finish_jobs(*store, &count, jobs), [](std::exception_ptr) {});
    io.run();
  }
  const auto size = file_bytes(folder + "/holdfast.db") + file_bytes(folder + "/holdfast.db-wal");
  std::printf("{\"bytes_per_job\":%.0f}\n", double(size) / double(count.cycles));
  return count.failed ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string mode = argc > 2 ? argv[1] : "";
  const auto number = [&](int at) { return argc > at ? std::strtod(argv[at], nullptr) : 0; };
  if (mode == "cycles") return cycles(argv[2], unsigned(number(3)), number(4));
  if (mode == "raw") return raw(argv[2], unsigned(number(3)), number(4));
  if (mode == "fill") return fill(argv[2], std::uint64_t(number(3)));
  if (mode == "claim") return claim(argv[2]);
  if (mode == "bytes") return bytes(argv[2], std::uint64_t(number(3)));
  std::fputs("usage: store_bench cycles|raw|fill|claim|bytes DIR ...\n", stderr);
  return 2;
}
