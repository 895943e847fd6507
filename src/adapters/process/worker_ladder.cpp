#include "adapters/process/worker_ladder.hpp"

#include <algorithm>

namespace holdfast {

WorkerLadder::WorkerLadder(std::vector<WorkerStep> steps, ladder::Policy policy,
                           const std::vector<std::filesystem::path>& programs, const std::string& code)
    : policy_{policy} {
  for (WorkerStep& step : steps) {
    auto files = std::make_shared<NeededFiles>(programs, step.files, code);
    rungs_.push_back({.step = std::move(step), .files = std::move(files)});
  }
}

/// A look at sizes only: the worker itself checks what it loads.
std::vector<ladder::Step> WorkerLadder::steps() const {
  const auto is_there = [](const NeededFile& file) { return stamp_of(file.file).bytes == file.bytes; };
  std::vector<ladder::Step> all;
  for (const Rung& rung : rungs_)
    all.push_back({.needs_bytes = rung.step.needs_bytes, .usable = std::ranges::all_of(rung.step.files, is_there)});
  return all;
}

bool WorkerLadder::fall(MonoTime now) {
  const std::size_t before = state_.step;
  state_ = ladder::fallen(state_, steps(), policy_, now);
  return state_.step != before;
}

bool WorkerLadder::may_climb(std::optional<std::uint64_t> free_bytes, MonoTime now) const {
  return state_.step > 0 && ladder::climbed(state_, steps(), policy_, free_bytes, now).has_value();
}

const WorkerStep& WorkerLadder::next_step(std::optional<std::uint64_t> free_bytes, MonoTime now) const {
  const auto up = state_.step > 0 ? ladder::climbed(state_, steps(), policy_, free_bytes, now) : std::nullopt;
  return rungs_[up ? up->step : state_.step].step;
}

bool WorkerLadder::climb(std::optional<std::uint64_t> free_bytes, MonoTime now) {
  if (state_.step == 0) return false;
  const auto up = ladder::climbed(state_, steps(), policy_, free_bytes, now);
  if (up) state_ = *up;
  return up.has_value();
}

void WorkerLadder::forsake() {
  for (const Rung& rung : rungs_) rung.files->forsake();
}

}  // namespace holdfast
