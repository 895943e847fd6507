#include "adapters/process/worker_pool.hpp"

#include <utility>

#include "adapters/process/worker_answer.hpp"
#include "async/offload.hpp"

namespace holdfast {

namespace {

/// How often somebody who waits for a busy worker looks by himself: a release rings.
constexpr milliseconds kLookEvery{60'000};

WorkEnd end_of(const Error& error) {
  return error.error_class() == ErrorClass::canceled ? WorkEnd::dropped : WorkEnd::died;
}

}  // namespace

/// A claimed worker. Let go in the middle of its work, it is killed.
class WorkerHold {
 public:
  explicit WorkerHold(ProcessWorkerPool::Place* place) : place_{place} {}
  WorkerHold(WorkerHold&& other) noexcept : place_{std::exchange(other.place_, nullptr)} {}
  WorkerHold& operator=(WorkerHold&&) = delete;
  ~WorkerHold() { let_go(WorkEnd::dropped); }

  void let_go(WorkEnd end) {
    if (place_ == nullptr) return;
    ProcessWorkerPool::Place& place = *std::exchange(place_, nullptr);
    place.worker->release(end);
    if (!place.waiting.empty()) place.waiting.front()->ring();
  }
  /// Only while held.
  [[nodiscard]] ResidentWorker& worker() { return *place_->worker; }
  [[nodiscard]] bool held() const { return place_ != nullptr; }

 private:
  ProcessWorkerPool::Place* place_;
};

namespace {

class ResidentRun final : public WorkRun {
 public:
  struct Limits {
    MonoTime until;
    milliseconds silence_max;
  };
  ResidentRun(WorkerHold hold, Clock& clock, std::uint64_t id, Limits limits)
      : hold_{std::move(hold)}, clock_{clock}, id_{id}, limits_{limits} {}

  Task<Result<WorkEvent>> next() override {
    if (!hold_.held()) co_return fail(ErrorClass::canceled, "HF-SRV-02", "this piece of work is over");
    auto hearing = hold_.worker().receive(deadline());
    auto frame = co_await std::move(hearing);
    if (!frame) co_return end_with(std::move(frame).error());
    auto answer = process::parse_answer(*frame, id_);
    if (!answer) co_return end_with(std::move(answer).error());
    co_return as_event(*std::move(answer));
  }

 private:
  [[nodiscard]] MonoTime deadline() const {
    return std::min(limits_.until, clock_.mono_now() + limits_.silence_max);
  }

  Result<WorkEvent> end_with(Error error) {
    const bool overdue = error.code() == kWorkerHung && clock_.mono_now() >= limits_.until;
    hold_.let_go(end_of(error));
    if (overdue) return fail(ErrorClass::transient, kWorkerHung, "the work took longer than it may");
    return std::unexpected{std::move(error)};
  }
  Result<WorkEvent> as_event(process::Answer answer) {
    if (auto* refusal = std::get_if<process::Refusal>(&answer)) {
      hold_.let_go(WorkEnd::answered);
      return std::unexpected{std::move(refusal->error)};
    }
    if (auto* finished = std::get_if<Finished>(&answer)) {
      hold_.let_go(WorkEnd::answered);
      return WorkEvent{std::move(*finished)};
    }
    if (auto* segments = std::get_if<SegmentsDone>(&answer)) return WorkEvent{std::move(*segments)};
    return WorkEvent{std::get<Progress>(answer)};
  }

  WorkerHold hold_;
  Clock& clock_;
  std::uint64_t id_;
  Limits limits_;
};

std::string_view missing_code(WorkerKind kind) {
  switch (kind) {
    case WorkerKind::media:
      return "HF-FFM-01";
    case WorkerKind::speech:
      return "HF-ENG-02";
    case WorkerKind::language:
      return "HF-LLM-05";
  }
  return "HF-SRV-01";
}
std::unexpected<Error> not_set_up(WorkerKind kind) {
  return fail(ErrorClass::dependency, missing_code(kind), "no worker of this kind is set up");
}

std::vector<std::filesystem::path> programs_of(const ResidentConfig& config) {
  if (config.confine.empty()) return {config.program};
  return {config.program, config.confine};
}

}  // namespace

ProcessWorkerPool::ProcessWorkerPool(Deps deps, ProcessPoolConfig config)
    : deps_{std::move(deps)}, config_{std::move(config)} {
  for (auto& [kind, resident] : config_.residents) {
    resident.missing_code = missing_code(kind);
    const ResidentWorker::Deps parts{
        .executor = deps_.executor, .clock = deps_.clock, .entropy = deps_.entropy};
    Place& place = places_.emplace_back();
    place.kind = kind;
    place.worker = std::make_shared<ResidentWorker>(parts, resident);
    place.files =
        std::make_shared<NeededFiles>(programs_of(resident), resident.files, resident.missing_code);
  }
}

ProcessWorkerPool::~ProcessWorkerPool() {
  for (Place& place : places_) place.worker->stop();
  stop_reading();
}

void ProcessWorkerPool::stop_reading() {
  for (Place& place : places_) place.files->forsake();
}

Task<Result<std::unique_ptr<WorkRun>>> ProcessWorkerPool::start(WorkRequest request) {
  if (const auto found = config_.stand_ins.find(request.worker); found != config_.stand_ins.end()) {
    auto elsewhere = found->second->start(std::move(request));
    co_return co_await std::move(elsewhere);
  }
  Place* const place = find_place(request.worker, request.role);
  if (place == nullptr) co_return not_set_up(request.worker);
  auto here = start_resident(place, std::move(request));
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

Task<Result<std::unique_ptr<WorkRun>>> ProcessWorkerPool::start_resident(Place* place, WorkRequest request) {
  const std::uint64_t id = ++last_id_;
  HF_CO_TRY(std::string frame, process::make_request(request.body, id));
  UniqueFd input;
  if (!request.input.empty()) {
    HF_CO_TRY(input, deps_.blobs.open_read(request.input));
  }
  auto claiming = claim(place, request.item);
  HF_CO_TRY_VOID(co_await std::move(claiming));
  WorkerHold hold{place};
  if (refuses_still(*place)) co_return std::unexpected{place->refusal->error};
  auto readying = make_ready(place);
  HF_CO_TRY_VOID(co_await std::move(readying));
  auto sending =
      hold.worker().send(std::move(frame), std::move(input), deps_.clock.mono_now() + request.silence_max);
  if (auto sent = co_await std::move(sending); !sent) {
    hold.let_go(end_of(sent.error()));
    co_return std::unexpected{std::move(sent).error()};
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
    if (place.kind != kind) continue;
    auto here = probe_resident(&place);
    HF_CO_TRY_VOID(co_await std::move(here));
  }
  co_return Result<void>{};
}

bool ProcessWorkerPool::refuses_still(const Place& place) const {
  return place.refusal && deps_.clock.mono_now() < place.refusal->try_again &&
         place.files->stamps() == place.refusal->stamps;
}

Task<Result<void>> ProcessWorkerPool::make_ready(Place* place) {
  FileStamps stamps = place->files->stamps();
  const bool ran = place->worker->status(place->kind).pid != 0;
  auto readying = place->worker->make_ready();
  auto ready = co_await std::move(readying);
  if (ready) {
    place->refusal.reset();
    if (!ran) {
      place->files->trust(stamps);
      const auto pid = std::to_string(place->worker->status(place->kind).pid);
      tell(deps_.log, LogLevel::info, "worker_started", {{"kind", std::string{to_word(place->kind)}}, {"pid", pid}});
    }
  } else if (ready.error().error_class() == ErrorClass::dependency) {
    place->files->doubt();
    place->refusal = {.error = ready.error(),
                      .stamps = std::move(stamps),
                      .try_again = deps_.clock.mono_now() + place->worker->config().try_again};
  }
  if (!ready && ready.error().error_class() != ErrorClass::canceled) {
    const Error& error = ready.error();
    tell(deps_.log, LogLevel::warn, "worker_did_not_start",
         {{"kind", std::string{to_word(place->kind)}}, {"code", error.code()}, {"message", error.what()}});
  }
  co_return ready;
}

Task<Result<void>> ProcessWorkerPool::probe_resident(Place* place) {
  auto look = [files = place->files, now = deps_.clock.wall_now()] { return files->check(now); };
  auto looking = offload(deps_.files, std::move(look));
  HF_CO_TRY_VOID(co_await std::move(looking));
  if (!place->refusal) co_return Result<void>{};
  if (refuses_still(*place)) co_return std::unexpected{place->refusal->error};
  const bool free = place->waiting.empty() && place->worker->claim({});
  if (!free) co_return std::unexpected{place->refusal->error};  // it is being found out
  WorkerHold hold{place};
  auto readying = make_ready(place);
  auto ready = co_await std::move(readying);
  if (ready) hold.let_go(WorkEnd::answered);  // kept: the work that it refused waits for it
  co_return ready;
}

std::vector<WorkerStatus> ProcessWorkerPool::status() {
  std::vector<WorkerStatus> all;
  for (const Place& place : places_) {
    if (!config_.stand_ins.contains(place.kind)) all.push_back(place.worker->status(place.kind));
  }
  for (const auto& [kind, other] : config_.stand_ins) {
    const auto theirs = other->status();
    all.insert(all.end(), theirs.begin(), theirs.end());
  }
  return all;
}

}  // namespace holdfast
