#include "guard/cache/ttl_control.hpp"

namespace holdfast::guard {

TtlControl::TtlControl(JobStore& jobs, Clock& clock, cache::TtlPolicy policy)
    : jobs_{jobs},
      clock_{clock},
      policy_{policy},
      ttl_{cache::first_ttl(policy, clock.mono_now())},
      bell_{clock.make_wakeup()} {}

Task<void> TtlControl::look() {
  const auto counts = co_await jobs_.counts();
  if (!counts) co_return;
  std::uint64_t waiting = 0;
  for (const QueueCount& count : *counts) waiting += count.status == JobStatus::pending ? count.jobs : 0;
  ttl_ = cache::next_ttl(ttl_, waiting, policy_, clock_.mono_now());
}

Task<void> TtlControl::run() {
  while (!stopping_) {
    const auto woken = co_await bell_->wait_until(clock_.mono_now() + policy_.every);
    if (!woken || stopping_) co_return;
    co_await look();
  }
}

void TtlControl::stop() {
  stopping_ = true;
  bell_->ring();
}

}  // namespace holdfast::guard
