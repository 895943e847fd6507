#include "adapters/process/worker_pool.hpp"

#include <algorithm>
#include <utility>

#include "adapters/process/resident_run.hpp"
#include "adapters/process/worker_answer.hpp"

namespace holdfast {

namespace {

/// How often somebody who waits for a busy worker looks by himself: a release rings.
constexpr milliseconds kLookEvery{60'000};

std::string_view missing_code(WorkerKind kind) {
  switch (kind) {
    case WorkerKind::media:
      return "HF-FFM-01";
    case WorkerKind::speech:
      return "HF-ENG-02";
    case WorkerKind::language:
      return "HF-LLM-05";
    case WorkerKind::embedding:
      return "HF-EMB-05";
  }
  return "HF-SRV-01";
}
std::unexpected<Error> not_set_up(WorkerKind kind) {
  return fail(ErrorClass::dependency, missing_code(kind), "no worker of this kind is set up");
}

/// What is configured, then everything smaller.
std::vector<WorkerStep> steps_of(const ResidentConfig& config) {
  std::vector<WorkerStep> steps{
      {.name = config.name, .command = config.command, .files = config.files, .needs_bytes = config.needs_bytes}};
  steps.insert(steps.end(), config.smaller.begin(), config.smaller.end());
  return steps;
}

std::vector<std::filesystem::path> programs_of(const ResidentConfig& config) {
  if (config.confine.empty()) return {config.program};
  return {config.program, config.confine};
}

}  // namespace

ProcessWorkerPool::ProcessWorkerPool(Deps deps, ProcessPoolConfig config)
    : deps_{std::move(deps)}, config_{std::move(config)}, width_{config_.width} {
  for (auto& [kind, resident] : config_.residents) {
    resident.missing_code = missing_code(kind);
    for (unsigned number = 0; number < std::max(config_.width, config_.width_max); ++number)
      add_place(kind, resident, number);
  }
}

void ProcessWorkerPool::add_place(WorkerKind kind, const ResidentConfig& resident, unsigned number) {
  const ResidentWorker::Deps parts{.executor = deps_.executor, .clock = deps_.clock, .entropy = deps_.entropy};
  Place& place = places_.emplace_back();
  place.kind = kind;
  place.number = number;
  place.worker = std::make_shared<ResidentWorker>(parts, resident);
  place.ladder = std::make_unique<WorkerLadder>(steps_of(resident), resident.ladder, programs_of(resident),
                                                resident.missing_code);
}

ProcessWorkerPool::~ProcessWorkerPool() {
  for (Place& place : places_) place.worker->stop();
  stop_reading();
}

void ProcessWorkerPool::stop_reading() {
  finds_out_ = false;
  for (Place& place : places_) {
    place.ladder->forsake();
    if (place.worker->checking()) place.worker->kill();
  }
}

Task<Result<std::unique_ptr<WorkRun>>> ProcessWorkerPool::start(WorkRequest request) {
  if (const auto found = config_.stand_ins.find(request.worker); found != config_.stand_ins.end()) {
    auto elsewhere = found->second->start(std::move(request));
    co_return co_await std::move(elsewhere);
  }
  Place* const place = find_place(request.worker, request.role);
  if (place == nullptr) co_return not_set_up(request.worker);
  auto here = start_somewhere(place, std::move(request));
  co_return co_await std::move(here);
}

ProcessWorkerPool::Place* ProcessWorkerPool::find_place(WorkerKind kind, const std::string& role) {
  Place* first = nullptr;
  for (Place& place : places_) {
    if (place.kind != kind) continue;
    if (place.worker->config().roles.contains(role)) return &place;
    if (first == nullptr) first = &place;
  }
  return first;
}

/// Those of one model stand side by side, the first in front.
ProcessWorkerPool::Place* ProcessWorkerPool::free_place(Place* first) {
  Place* best = first;
  const auto cost = [](const Place& place) {
    const WorkerStatus status = place.worker->status(place.kind);
    const std::size_t busy = place.waiting.size() + (place.worker->claimed() ? 1 : 0);
    return std::pair{busy, status.pid == 0};
  };
  auto at = std::ranges::find_if(places_, [first](const Place& place) { return &place == first; });
  for (++at; at != places_.end() && at->number > 0 && at->number < width_; ++at) {
    if (!refuses_still(*at) && cost(*at) < cost(*best)) best = &*at;
  }
  return best;
}

Task<Result<std::unique_ptr<WorkRun>>> ProcessWorkerPool::start_somewhere(Place* first, WorkRequest request) {
  Place* const place = free_place(first);
  auto starting = start_resident(place, place == first ? std::move(request) : request);
  auto run = co_await std::move(starting);
  const bool lacks = !run && run.error().error_class() == ErrorClass::dependency;
  if (place == first || !lacks) co_return std::move(run);
  auto again = start_resident(first, std::move(request));
  co_return co_await std::move(again);
}

void ProcessWorkerPool::set_width(unsigned width) {
  width_ = std::clamp(width, 1U, std::max(config_.width, config_.width_max));
  for (Place& place : places_) {
    place.refusal = place.number > 0 ? std::nullopt : place.refusal;  // what it lacked may be there now
    if (place.number >= width_ && place.waiting.empty() && !place.worker->claimed()) place.worker->stop();
  }
}

Task<Result<std::unique_ptr<WorkRun>>> ProcessWorkerPool::start_resident(Place* place, WorkRequest request) {
  const std::uint64_t id = ++last_id_;
  HF_CO_TRY(std::string frame, process::make_request(request.body, id));
  UniqueFd input;
  if (!request.input.empty()) {
    HF_CO_TRY(input, deps_.blobs.open_read(request.input));
  }
  auto claiming = claim(place, request.item);
  HF_CO_TRY_VOID(co_await std::move(claiming));
  WorkerHold hold{this, place};
  const bool refused = refuses_still(*place) || (place->refusal && place->refusal->until_asked);
  if (refused) co_return std::unexpected{place->refusal->error};
  auto readying = make_ready(place);
  HF_CO_TRY_VOID(co_await std::move(readying));
  auto sending =
      hold.worker().send(std::move(frame), std::move(input), deps_.clock.mono_now() + request.silence_max);
  if (auto sent = co_await std::move(sending); !sent) {
    co_return std::unexpected{hold.failed(std::move(sent).error())};
  }
  const ResidentRun::Limits limits{.until = deps_.clock.mono_now() + request.time_max,
                                   .silence_max = request.silence_max};
  co_return std::make_unique<ResidentRun>(std::move(hold), deps_.clock, id, limits);
}

/// Only the first in the line may claim, so that nobody who comes later is served earlier.
Task<Result<void>> ProcessWorkerPool::claim(Place* place, ItemId item) {
  const auto turn = deps_.clock.make_wakeup();
  const auto here = place->waiting.insert(place->waiting.end(), turn.get());
  Result<void> waited;
  while (waited && (here != place->waiting.begin() || !place->worker->claim(item))) {
    auto waiting = turn->wait_until(deps_.clock.mono_now() + kLookEvery);
    const auto rung = co_await std::move(waiting);
    if (!rung) waited = std::unexpected{rung.error()};
  }
  place->waiting.erase(here);
  if (!waited && !place->waiting.empty()) place->waiting.front()->ring();
  co_return waited;
}

Task<Result<void>> ProcessWorkerPool::probe(WorkerKind kind) {
  if (const auto found = config_.stand_ins.find(kind); found != config_.stand_ins.end()) {
    auto elsewhere = found->second->probe(kind);
    co_return co_await std::move(elsewhere);
  }
  if (find_place(kind, {}) == nullptr) co_return not_set_up(kind);
  for (Place& place : places_) {
    if (place.kind != kind || place.number > 0) continue;
    auto here = probe_resident(&place);
    HF_CO_TRY_VOID(co_await std::move(here));
  }
  co_return Result<void>{};
}

bool ProcessWorkerPool::has_less(WorkerKind kind, const std::string& role) {
  if (const auto found = config_.stand_ins.find(kind); found != config_.stand_ins.end())
    return found->second->has_less(kind, role);
  const Place* const first = find_place(kind, role);
  if (first == nullptr) return false;
  const auto lesser = [free = free_memory(), now = deps_.clock.mono_now()](const Place& place) {
    return place.ladder->next_step(free, now).smaller_model;
  };
  auto at = std::ranges::find_if(places_, [first](const Place& place) { return &place == first; });
  if (lesser(*at)) return true;
  for (++at; at != places_.end() && at->number > 0; ++at) {
    if (lesser(*at) && at->worker->status(kind).pid != 0) return true;
  }
  return false;
}

std::vector<WorkerStatus> ProcessWorkerPool::status() {
  std::vector<WorkerStatus> all;
  for (const Place& place : places_) {
    if (config_.stand_ins.contains(place.kind)) continue;
    WorkerStatus status = place.worker->status(place.kind);
    if (place.number > 0 && status.pid == 0) continue;
    status.runs = place.ladder->step().name;
    status.smaller = static_cast<unsigned>(place.ladder->number());
    status.inferences = place.health.inferences;
    all.push_back(std::move(status));
  }
  for (const auto& [kind, other] : config_.stand_ins) {
    const auto theirs = other->status();
    all.insert(all.end(), theirs.begin(), theirs.end());
  }
  return all;
}

}  // namespace holdfast
