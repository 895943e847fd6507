#include "guard/watchdog.hpp"

#include <numeric>

namespace holdfast::guard {
namespace {

std::uint64_t jobs_in(const std::vector<QueueCount>& counts, JobStatus status) {
  const auto add = [status](std::uint64_t sum, const QueueCount& count) {
    return sum + (count.status == status ? count.jobs : 0);
  };
  return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}, add);
}

}  // namespace

std::string ready_sentence(const std::vector<QueueCount>& counts) {
  return "Ready. " + std::to_string(jobs_in(counts, JobStatus::processing)) + " working, " +
         std::to_string(jobs_in(counts, JobStatus::pending)) + " waiting.";
}

bool Watchdog::engine_looks() const { return deps_.clock.mono_now() - deps_.last_look() <= kLookAgeMax; }

Task<void> Watchdog::beat() {
  const auto counts = co_await deps_.jobs.counts();  // one that never comes is what the manager acts on
  if (stopping_) co_return;
  const bool alive = engine_looks();
  if (alive) {
    deps_.manager.alive();
    deps_.manager.status(counts ? ready_sentence(*counts) : "The store has trouble: " + counts.error().what());
  } else if (!silent_) {
    tell(deps_.log, LogLevel::error, "watchdog_not_fed", {{"reason", "the engine does not look for work"}});
  }
  silent_ = !alive;
}

Task<void> Watchdog::run() {
  const auto time = deps_.manager.watchdog_time();
  if (!time) co_return;
  const milliseconds every = *time / 3;
  while (!stopping_) {
    co_await beat();
    if (stopping_) co_return;
    const auto woken = co_await bell_->wait_until(deps_.clock.mono_now() + every);
    if (!woken) co_return;
  }
}

void Watchdog::stop() {
  stopping_ = true;
  bell_->ring();
}

}  // namespace holdfast::guard
