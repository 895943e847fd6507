#include "adapters/process/worker_answer.hpp"
#include "adapters/process/resident_run.hpp"
#include "adapters/process/worker_pool.hpp"
#include "async/offload.hpp"

namespace holdfast {

/// Is there anything to be found out now by running it?
bool ProcessWorkerPool::worth_trying(const Place& place) const {
  const ResidentConfig& config = place.worker->config();
  const MonoTime now = deps_.clock.mono_now();
  if (place.refusal) return true;
  if (!config.inference || config.asked.every <= milliseconds{0}) return false;
  return inference::is_due(place.health.standing, config.asked, now) || place.ladder->may_climb(free_memory(), now);
}

Task<Result<void>> ProcessWorkerPool::probe_resident(Place* place) {
  auto look = [files = place->ladder->files(), now = deps_.clock.wall_now()] { return files->check(now); };
  auto looking = offload(deps_.files, std::move(look));
  HF_CO_TRY_VOID(co_await std::move(looking));
  if (refuses_still(*place)) co_return std::unexpected{place->refusal->error};
  if (finds_out_ && worth_trying(*place) && place->waiting.empty() && place->worker->claim_to_check()) {
    auto trying = try_out(place);
    co_return co_await std::move(trying);
  }
  // As it was last: work under way tells by itself, and what is being found out is not known yet.
  if (place->refusal) co_return std::unexpected{place->refusal->error};
  if (place->health.trouble) co_return std::unexpected{*place->health.trouble};
  co_return Result<void>{};
}

/// The worker is claimed for it. It is stopped afterwards unless it ran before, so that no memory is kept for nothing;
/// one that had refused is kept, because work waits for it.
Task<Result<void>> ProcessWorkerPool::try_out(Place* place) {
  WorkerHold hold{this, place};
  const bool keep = place->refusal || place->worker->status(place->kind).pid != 0;
  auto readying = make_ready(place);
  auto found = co_await std::move(readying);
  if (found && place->worker->config().inference) {
    auto asking = ask_something(place);
    found = co_await std::move(asking);
  }
  if (!found && !finds_out_) co_return fail(ErrorClass::canceled, "HF-SRV-02", "stopped");
  if (!found && found.error().error_class() != ErrorClass::canceled) place->health.trouble = found.error();
  if (!found) co_return found;  // whoever fails this is not kept
  place->health.trouble.reset();
  place->refusal.reset();
  hold.let_go(WorkEnd::answered);
  if (!keep && place->waiting.empty()) place->worker->stop();
  co_return found;
}

Task<Result<void>> ProcessWorkerPool::ask_something(Place* place) {
  const ResidentConfig& config = place->worker->config();
  const MonoTime began = deps_.clock.mono_now();
  auto asking = answer_of(place, config.inference->request);
  const auto answer = co_await std::move(asking);
  const MonoTime now = deps_.clock.mono_now();
  if (!answer && answer.error().error_class() == ErrorClass::canceled) co_return std::unexpected{answer.error()};
  const auto judged = answer ? config.inference->judge(*answer) : Result<void>{std::unexpected{answer.error()}};
  if (judged) {
    place->health.inferences.add(now - began);
    place->health.standing = inference::worked(now);
    co_return judged;
  }
  place->health.standing = inference::failed(place->health.standing, now);
  if (judged.error().code() == kOutOfMemory) co_return std::unexpected{fall(*place, judged.error())};
  if (judged.error().error_class() == ErrorClass::dependency) {
    place->refusal = {.error = judged.error(),
                      .stamps = place->ladder->files()->stamps(),
                      .try_again = now + inference::pause(place->health.standing, config.asked),
                      .until_asked = true};
  }
  co_return judged;
}

Task<Result<std::string>> ProcessWorkerPool::answer_of(Place* place, std::string request) {
  const std::uint64_t id = ++last_id_;
  const MonoTime deadline = deps_.clock.mono_now() + place->worker->config().asked.answer_max;
  HF_CO_TRY(std::string frame, process::make_request(request, id));
  auto sending = place->worker->send(std::move(frame), UniqueFd{}, deadline);
  HF_CO_TRY_VOID(co_await std::move(sending));
  for (;;) {
    auto hearing = place->worker->receive(deadline);
    HF_CO_TRY(const std::string heard, co_await std::move(hearing));
    HF_CO_TRY(auto answer, process::parse_answer(heard, id));
    if (auto* refusal = std::get_if<process::Refusal>(&answer)) co_return std::unexpected{std::move(refusal->error)};
    if (auto* finished = std::get_if<Finished>(&answer)) co_return std::move(finished->body);
  }
}

}  // namespace holdfast
