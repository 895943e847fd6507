#include "sim/speech_ladder.hpp"

#include "ports/worker_pool.hpp"

namespace holdfast::sim {
namespace {

/// What each step needs at work; to load it takes 60 % of that.
constexpr std::uint64_t kNeeds[] = {400 * kMegabyte, 250 * kMegabyte, 150 * kMegabyte};

std::uint64_t to_load(const ladder::Step& step) { return step.needs_bytes * 6 / 10; }

}  // namespace

SpeechLadder::SpeechLadder(Parts parts) : parts_{parts}, policy_{.up_after = parts.scenario.larger_after} {
  for (const std::uint64_t needs : kNeeds) steps_.push_back({.needs_bytes = needs});
  if (parts_.scenario.bugs.ladder.climbs_at_once) policy_.up_after = milliseconds{0};
  parts_.books.began(parts_.node);
}

std::optional<std::uint64_t> SpeechLadder::free() const {
  if (!parts_.scenario.room_known) return std::nullopt;
  return parts_.room.at(parts_.clock.mono_now());
}

bool SpeechLadder::fits(std::uint64_t bytes) const { return parts_.room.at(parts_.clock.mono_now()) >= bytes; }

void SpeechLadder::climb() {
  const auto up = ladder::climbed(state_, steps_, policy_, free(), parts_.clock.mono_now());
  if (!up) return;
  parts_.books.climbed(parts_.node, state_.step, up->step, steps_[up->step].needs_bytes, free());
  state_ = *up;
  if (parts_.scenario.bugs.ladder.forgets_tries) state_.trying = false;
  loaded_ = false;
}

/// False: there is nothing smaller.
bool SpeechLadder::fall() {
  const std::size_t before = state_.step;
  state_ = ladder::fallen(state_, steps_, policy_, parts_.clock.mono_now());
  parts_.books.fell(parts_.node, before, state_.step);
  loaded_ = false;
  return state_.step != before;
}

bool SpeechLadder::refuses() const {
  return refuses_until_ && (parts_.scenario.bugs.ladder.refuses_for_ever || parts_.clock.mono_now() < *refuses_until_);
}

Result<void> SpeechLadder::refused() const {
  return fail(ErrorClass::dependency, "HF-ENG-10", "there is no memory for the least that can be run");
}

Result<void> SpeechLadder::make_ready() {
  if (refuses()) return refused();
  climb();
  while (!loaded_) {
    loaded_ = fits(to_load(steps_[state_.step]));
    if (loaded_) break;
    parts_.coverage.reached("worker/no_memory_to_start");
    if (fall()) continue;
    refuses_until_ = state_.up_at;
    parts_.books.refused(parts_.node, state_.up_at);
    return refused();
  }
  refuses_until_.reset();
  parts_.books.ready(parts_.node);
  return {};
}

Result<void> SpeechLadder::work() {
  if (fits(steps_[state_.step].needs_bytes)) return {};
  parts_.coverage.reached("worker/out_of_memory");
  fall();
  if (parts_.scenario.bugs.ladder.dies_of_memory) return fail(ErrorClass::transient, kWorkerDied, "the worker died");
  return fail(ErrorClass::resource, kOutOfMemory, "memory ran out");
}

void SpeechLadder::worked() {
  state_ = ladder::proven(state_);
  parts_.books.worked(parts_.node);
}

/// It is stopped again unless it ran before, or work waits for it.
Result<void> SpeechLadder::probe() {
  if (refuses()) return refused();
  const bool may_climb = ladder::climbed(state_, steps_, policy_, free(), parts_.clock.mono_now()).has_value();
  if (at_work_ || !(refuses_until_ || may_climb)) return {};
  const bool keep = refuses_until_ || loaded_;
  auto ready = make_ready();
  loaded_ = loaded_ && keep;
  return ready;
}

bool SpeechLadder::would_have_less() const {
  const auto up = ladder::climbed(state_, steps_, policy_, free(), parts_.clock.mono_now());
  return (up ? up->step : state_.step) > 0;
}

std::string SpeechLadder::warning() const {
  return with_less() && !parts_.scenario.bugs.ladder.tells_nobody ? std::string{kWithLess} : std::string{};
}

}  // namespace holdfast::sim
