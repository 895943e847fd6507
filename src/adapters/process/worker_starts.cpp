#include "adapters/process/worker_pool.hpp"

namespace holdfast {

bool ProcessWorkerPool::refuses_still(const Place& place) const {
  return place.refusal && deps_.clock.mono_now() < place.refusal->try_again &&
         place.ladder->files()->stamps() == place.refusal->stamps;
}

std::optional<std::uint64_t> ProcessWorkerPool::free_memory() const {
  return deps_.free_memory ? deps_.free_memory() : std::nullopt;
}

/// Something larger is tried again, where it is time for that and there is room.
void ProcessWorkerPool::climb(Place& place) {
  const std::string was = place.ladder->step().name;
  if (!place.ladder->climb(free_memory(), deps_.clock.mono_now())) return;
  place.worker->stop();
  place.worker->use(place.ladder->step().command);
  tell(deps_.log, LogLevel::info, "worker_larger",
       {{"kind", std::string{to_word(place.kind)}}, {"runs", place.ladder->step().name}, {"was", was}});
  if (deps_.on_step) deps_.on_step();
}

Error ProcessWorkerPool::fall(Place& place, Error error) {
  const std::string was = place.ladder->step().name;
  if (!place.ladder->fall(deps_.clock.mono_now())) {
    const bool out = error.code() == kOutOfMemory;
    if (!out || was.empty()) return error;
    return Error{error.error_class(), error.code(), error.what() + "; " + was + " is the least that can be run"};
  }
  place.worker->use(place.ladder->step().command);
  tell(deps_.log, LogLevel::warn, "worker_smaller",
       {{"kind", std::string{to_word(place.kind)}},
        {"runs", place.ladder->step().name},
        {"was", was},
        {"code", error.code()},
        {"message", error.what()}});
  if (deps_.on_step) deps_.on_step();
  return error;
}

void ProcessWorkerPool::work_ended(Place& place, const Error* failure) {
  const MonoTime now = deps_.clock.mono_now();
  if (failure == nullptr) {
    place.ladder->prove();
    place.health.standing = inference::worked(now);
    place.health.trouble.reset();
  } else if (failure->code() != kOutOfMemory) {
    place.health.standing = inference::failed(place.health.standing, now);  // the file's fault, or its own: it is asked
  }
}

Task<Result<void>> ProcessWorkerPool::make_ready(Place* place) {
  climb(*place);
  FileStamps stamps = place->ladder->files()->stamps();
  const std::size_t step = place->ladder->number();
  const bool ran = place->worker->status(place->kind).pid != 0;
  auto starting = start_with_less(place);
  const auto ready = co_await std::move(starting);
  if (place->ladder->number() != step) stamps = place->ladder->files()->stamps();
  if (ready && !ran) started(*place, stamps);
  if (!ready && ready.error().error_class() != ErrorClass::canceled)
    did_not_start(*place, ready.error(), std::move(stamps));
  co_return ready;
}

Task<Result<void>> ProcessWorkerPool::start_with_less(Place* place) {
  for (;;) {
    auto readying = place->worker->make_ready();
    auto ready = co_await std::move(readying);
    if (ready) co_return ready;
    const WorkerLadder& ladder = *place->ladder;
    const bool out = ready.error().code() == kOutOfMemory;
    const bool elsewhere = ladder.number() > 0 || ladder.trying();
    const bool lacks = elsewhere && ready.error().error_class() == ErrorClass::dependency;
    if (!out && !lacks) co_return ready;
    const std::size_t before = ladder.number();
    Error error = fall(*place, std::move(ready).error());
    if (ladder.number() != before) continue;
    if (!out) co_return std::unexpected{std::move(error)};
    // Not even the least has room: what needs it waits for memory, and nothing of that is charged.
    co_return fail(ErrorClass::dependency, place->worker->config().memory_code, error.what());
  }
}

void ProcessWorkerPool::started(Place& place, const FileStamps& stamps) {
  place.ladder->files()->trust(stamps);
  place.health.trouble.reset();
  if (place.refusal && !place.refusal->until_asked) place.refusal.reset();
  const auto pid = std::to_string(place.worker->status(place.kind).pid);
  tell(deps_.log, LogLevel::info, "worker_started", {{"kind", std::string{to_word(place.kind)}}, {"pid", pid}});
}

void ProcessWorkerPool::did_not_start(Place& place, const Error& error, FileStamps stamps) {
  const ResidentConfig& config = place.worker->config();
  const MonoTime now = deps_.clock.mono_now();
  const bool out = error.code() == config.memory_code;
  if (error.error_class() == ErrorClass::dependency) {
    if (!out) place.ladder->files()->doubt();
    place.refusal = {.error = error,
                     .stamps = std::move(stamps),
                     .try_again = out ? place.ladder->next_try() : now + config.try_again};
  } else {
    place.health.standing = inference::failed(place.health.standing, now);
    if (config.inference) place.health.trouble = error;
  }
  tell(deps_.log, LogLevel::warn, "worker_did_not_start",
       {{"kind", std::string{to_word(place.kind)}}, {"code", error.code()}, {"message", error.what()}});
}

}  // namespace holdfast
