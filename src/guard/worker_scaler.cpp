#include "guard/worker_scaler.hpp"

namespace holdfast::guard {
namespace {

constexpr milliseconds kLookAtQueueEvery{5'000};

}  // namespace

WorkerScaler::WorkerScaler(Deps deps, scale::Policy policy)
    : deps_{std::move(deps)}, policy_{policy}, scale_{.workers = policy.least}, bell_{deps_.clock.make_wakeup()} {}

/// With one more there still has to be more free than new work is held back at.
bool WorkerScaler::has_room() const {
  const auto reading = deps_.memory();
  if (!reading) return true;
  if (reading->available_bytes < deps_.bytes_each) return false;
  const auto left = static_cast<double>(reading->available_bytes - deps_.bytes_each);
  return left > deps_.limits().work.close_below * static_cast<double>(reading->total_bytes);
}

Task<std::optional<std::uint64_t>> WorkerScaler::waiting() {
  const auto counts = co_await deps_.jobs.counts();
  if (!counts) co_return std::nullopt;
  std::uint64_t items = 0;
  for (const QueueCount& count : *counts) {
    if (count.bulkhead == deps_.bulkhead && count.status == JobStatus::pending) items += count.jobs;
  }
  co_return items;
}

void WorkerScaler::tell_change(unsigned before, std::optional<std::uint64_t> waiting) {
  tell(deps_.log, LogLevel::info, scale_.workers > before ? "workers_more" : "workers_fewer",
       {{"pool", deps_.bulkhead},
        {"workers", std::to_string(scale_.workers)},
        {"was", std::to_string(before)},
        {"waiting", waiting ? std::to_string(*waiting) : "unknown"}});
}

Task<void> WorkerScaler::look() {
  auto asking = waiting();
  const auto items = co_await std::move(asking);
  const unsigned before = scale_.workers;
  const bool memory_short = deps_.pace() != admission::Pace::full;
  scale_ = scale::looked(scale_, {.waiting = items, .has_room = has_room(), .memory_short = memory_short}, policy_,
                         deps_.clock.mono_now());
  if (scale_.workers == before) co_return;
  tell_change(before, items);
  deps_.set_workers(scale_.workers);
}

Task<void> WorkerScaler::run() {
  while (!stopping_ && policy_.most > policy_.least) {
    co_await look();
    const auto woken = co_await bell_->wait_until(deps_.clock.mono_now() + kLookAtQueueEvery);
    if (!woken) co_return;
  }
}

void WorkerScaler::stop() {
  stopping_ = true;
  bell_->ring();
}

}  // namespace holdfast::guard
