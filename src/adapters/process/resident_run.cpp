#include "adapters/process/resident_run.hpp"

#include <boost/json.hpp>

namespace holdfast {
namespace {

namespace json = boost::json;

/// The answer with one more sentence among its `warnings`.
std::string with_warning(const std::string& body, const std::string& warning) {
  if (warning.empty()) return body;
  boost::system::error_code bad;
  json::value answer = json::parse(body, bad);
  if (bad || !answer.is_object()) return body;
  json::value& warnings = answer.get_object()["warnings"];
  if (!warnings.is_array()) warnings = json::array{};
  warnings.get_array().emplace_back(warning);
  return json::serialize(answer);
}

}  // namespace

void WorkerHold::let_go(WorkEnd end) {
  if (place_ == nullptr) return;
  ProcessWorkerPool::Place& place = *std::exchange(place_, nullptr);
  place.worker->release(end);
  if (!place.waiting.empty()) return place.waiting.front()->ring();
  if (place.number >= pool_->width_) place.worker->stop();
}

/// It is started anew with less, and that is no death that would delay its start.
Error WorkerHold::let_go_for_memory(Error error) {
  error = pool_->fall(*place_, std::move(error));
  let_go(WorkEnd::dropped);
  return error;
}

Error WorkerHold::failed(Error error) {
  const bool given_up = error.error_class() == ErrorClass::canceled;
  if (error.code() == kOutOfMemory) return let_go_for_memory(std::move(error));
  if (!given_up) pool_->work_ended(*place_, &error);
  let_go(given_up ? WorkEnd::dropped : WorkEnd::died);
  return error;
}

Error WorkerHold::refused(Error error) {
  if (error.code() == kOutOfMemory) return let_go_for_memory(std::move(error));
  const bool cut = error.code() == "HF-LLM-04" && !step().warning.empty();
  let_go(WorkEnd::answered);
  if (!cut) return error;
  // Too long only for what is left of the context: no fault of the text.
  return Error{ErrorClass::resource, kOutOfMemory, error.what() + "; the context is smaller while memory is short"};
}

void WorkerHold::worked() {
  pool_->work_ended(*place_, nullptr);
  let_go(WorkEnd::answered);
}

Task<Result<WorkEvent>> ResidentRun::next() {
  if (!hold_.held()) co_return fail(ErrorClass::canceled, "HF-SRV-02", "this piece of work is over");
  auto hearing = hold_.worker().receive(deadline());
  auto frame = co_await std::move(hearing);
  if (!frame) co_return end_with(std::move(frame).error());
  auto answer = process::parse_answer(*frame, id_);
  if (!answer) co_return end_with(std::move(answer).error());
  co_return as_event(*std::move(answer));
}

MonoTime ResidentRun::deadline() const { return std::min(limits_.until, clock_.mono_now() + limits_.silence_max); }

Result<WorkEvent> ResidentRun::end_with(Error error) {
  const bool overdue = error.code() == kWorkerHung && clock_.mono_now() >= limits_.until;
  error = hold_.failed(std::move(error));
  if (overdue) return fail(ErrorClass::transient, kWorkerHung, "the work took longer than it may");
  return std::unexpected{std::move(error)};
}

Result<WorkEvent> ResidentRun::as_event(process::Answer answer) {
  if (auto* refusal = std::get_if<process::Refusal>(&answer))
    return std::unexpected{hold_.refused(std::move(refusal->error))};
  if (auto* finished = std::get_if<Finished>(&answer)) {
    finished->body = with_warning(finished->body, hold_.step().warning);
    finished->with_less = hold_.step().smaller_model;
    hold_.worked();
    return WorkEvent{std::move(*finished)};
  }
  if (auto* segments = std::get_if<SegmentsDone>(&answer)) {
    segments->warning = hold_.step().warning;
    segments->with_less = hold_.step().smaller_model;
    return WorkEvent{std::move(*segments)};
  }
  return WorkEvent{std::get<Progress>(answer)};
}

}  // namespace holdfast
