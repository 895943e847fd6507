#include "adapters/sqlite/lane.hpp"

#include <algorithm>

namespace holdfast::sqlite {

Lane::Lane(Serve serve, bool own_thread) : serve_{std::move(serve)} {
  if (own_thread) thread_ = std::thread{[this] { loop(); }};
}

Lane::~Lane() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void Lane::submit(std::unique_ptr<Work> work) {
  if (!thread_.joinable()) {
    Batch alone;
    alone.push_back(std::move(work));
    serve_(std::move(alone));
    return;
  }
  if (enqueue(work)) {
    changed_.notify_one();
    return;
  }
  work->refuse({ErrorClass::transient, "HF-STO-01", "too many calls wait for the job store"});
  work->finish();
}

bool Lane::enqueue(std::unique_ptr<Work>& work) {
  const std::lock_guard lock{mutex_};
  if (waiting_.size() >= kWaitingMax) return false;
  waiting_.push_back(std::move(work));
  return true;
}

bool Lane::idle() {
  const std::lock_guard lock{mutex_};
  return waiting_.empty();
}

void Lane::loop() {
  for (Batch batch = take(); !batch.empty(); batch = take()) serve_(std::move(batch));
}

/// Waits for work. Nothing: the lane is to end.
Batch Lane::take() {
  std::unique_lock lock{mutex_};
  changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
  if (only_flushes()) changed_.wait_for(lock, kPatience, [this] { return stopping_ || !only_flushes(); });
  return std::exchange(waiting_, {});
}

bool Lane::only_flushes() const {
  return std::ranges::all_of(waiting_, [](const auto& work) { return work->haste() == Haste::flush; });
}

}  // namespace holdfast::sqlite
