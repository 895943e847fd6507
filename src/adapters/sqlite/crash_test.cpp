#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>

#include "adapters/sqlite/test_backend.hpp"
#include "core/base/rng.hpp"
#include "tests/contract/job_store_samples.hpp"

namespace holdfast::sqlite {
namespace {

using contract::created;
using contract::item_id;

constexpr unsigned kRounds = 12;
constexpr unsigned kCallers = 8;

template <class T>
Result<T> wait_for(asio::io_context& io, Task<Result<T>> task) {
  std::optional<Result<T>> result;
  asio::co_spawn(io, std::move(task),
                 [&](std::exception_ptr, Result<T> value) { result = std::move(value); });
  io.restart();
  io.run();
  return *std::move(result);
}

/// One caller of the child: jobs through their first stage, one after the other, each reported when it was
/// answered. A report is the number of the job and what is known of it: 'e' enqueued, 'c' claimed and
/// completed.
Task<void> work(JobStore& store, unsigned first, int reports) {
  for (unsigned n = first;; n += kCallers) {
    Transition change = created(n);
    change.after.stages[1].bulkhead = "caller-" + std::to_string(first % kCallers);
    auto adding = store.enqueue(std::move(change));
    if (!co_await std::move(adding)) _exit(3);
    dprintf(reports, "e%u\n", n);
    auto request = contract::claim_request("caller-" + std::to_string(first % kCallers));
    auto claiming = store.claim(std::move(request));
    const auto jobs = co_await std::move(claiming);
    if (!jobs || jobs->empty()) _exit(4);
    auto decision = contract::succeeding();
    auto settling = store.update_leased(jobs->front().id, jobs->front().fence, std::move(decision));
    if (!co_await std::move(settling)) _exit(5);
    dprintf(reports, "c%s\n", jobs->front().id.text().c_str());
  }
}

[[noreturn]] void be_the_child(const std::string& path, unsigned first, int reports) {
  asio::io_context io;
  auto store = open_sqlite_job_store(path);
  if (!store) _exit(2);
  for (unsigned i = 0; i < kCallers; ++i) {
    auto task = work(**store, first + i, reports);
    asio::co_spawn(io, std::move(task), [](std::exception_ptr) {});
  }
  io.run();
  _exit(6);
}

/// Everything that the child reported until it was killed after about `bytes` of reports.
std::string run_and_kill(const std::string& path, unsigned first, std::size_t bytes) {
  int ends[2];
  EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0);
  const pid_t child = fork();  // this process has no other threads: the stores of earlier rounds are closed
  if (child == 0) be_the_child(path, first, ends[1]);
  close(ends[1]);
  std::string reports;
  char buffer[256];
  bool killed = false;
  for (ssize_t got = 0; (got = read(ends[0], buffer, sizeof buffer)) > 0;) {
    reports.append(buffer, static_cast<std::size_t>(got));
    if (!killed && reports.size() >= bytes) killed = kill(child, SIGKILL) == 0;
  }
  close(ends[0]);
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << "the child ended by itself: " << status;
  return reports;
}

void expect_kept(JobStore& store, asio::io_context& io, const std::string& report) {
  const bool completed = report.front() == 'c';
  const ItemId id =
      completed ? ItemId{report.substr(1)} : item_id(static_cast<unsigned>(std::stoul(report.substr(1))));
  const auto job = wait_for(io, store.find(id));
  ASSERT_TRUE(job.has_value() && job->has_value()) << "lost: " << report;
  if (!completed) return;
  EXPECT_EQ((*job)->stage, 2U) << "taken back: " << report;
  EXPECT_EQ(wait_for(io, store.results(id)).value().size(), 1U);
  EXPECT_EQ(wait_for(io, store.audit(id)).value().size(), 3U);
}

/// One file, killed in the middle of writing again and again: what was answered is there, and the rest is
/// whole.
TEST(Crash, LAB_1_AKilledServerLosesNothingThatItAnswered) {
  const TestFolder folder;
  Rng rng{11};
  unsigned first = 0;
  std::size_t checked = 0;
  for (unsigned round = 0; round < kRounds; ++round) {
    const std::string reports = run_and_kill(folder.store(), first, rng.below(6000));
    first += 100'000;

    asio::io_context io;
    auto store = open_sqlite_job_store(folder.store(), {.own_threads = false});
    ASSERT_TRUE(store.has_value()) << store.error().what();
    for (std::size_t at = 0, end = 0; (end = reports.find('\n', at)) != std::string::npos; at = end + 1) {
      expect_kept(**store, io, reports.substr(at, end - at));
      ++checked;
    }
    const auto said = wait_for(io, (*store)->check());
    EXPECT_TRUE(said && said->empty()) << (said ? said->front() : said.error().what());
  }
  EXPECT_GT(checked, 100U);
}

}  // namespace
}  // namespace holdfast::sqlite
