#include "adapters/process/resident_worker.hpp"

#include <boost/asio/this_coro.hpp>
#include <utility>

#include "adapters/process/confinement.hpp"
#include "adapters/process/oom_kills.hpp"
#include "adapters/process/worker_answer.hpp"
#include "core/ladder/death.hpp"

namespace holdfast {
namespace {

/// How long the end of a process may take to show after its socket closed.
constexpr milliseconds kDeathShows{2'000};

std::unexpected<Error> canceled() { return fail(ErrorClass::canceled, "HF-SRV-02", "wait cancelled"); }

}  // namespace

ResidentWorker::ResidentWorker(Deps deps, ResidentConfig config)
    : deps_{std::move(deps)}, config_{std::move(config)}, command_{config_.command}, idle_timer_{deps_.executor} {}

bool ResidentWorker::claim(ItemId item) {
  if (claimed_) return false;
  claimed_ = true;
  checking_ = false;
  item_ = std::move(item);
  oom_kills_ = process::oom_kills();
  idle_timer_.cancel();
  return true;
}

bool ResidentWorker::claim_to_check() {
  if (!claim({})) return false;
  checking_ = true;
  return true;
}

void ResidentWorker::release(WorkEnd end) {
  claimed_ = false;
  item_ = {};
  if (end == WorkEnd::answered) {
    deaths_ = 0;
    schedule_release();
    return;
  }
  stop();
  if (end == WorkEnd::died) back_off(deaths_++);
}

void ResidentWorker::back_off(unsigned failures_count) {
  if (failures_count == 0) return;
  not_before_ = deps_.clock.mono_now() + backoff(config_.restart, failures_count, deps_.entropy.next());
}

void ResidentWorker::schedule_release() {
  if (config_.idle_release <= milliseconds{0} || !alive()) return;
  idle_timer_.expires_after(config_.idle_release);
  idle_timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    const auto self = weak.lock();
    if (!error && self && !self->claimed_) self->stop();
  });
}

void ResidentWorker::stop() {
  idle_timer_.cancel();
  channel_.reset();
  child_.reset();
  greeted_ = false;
}

void ResidentWorker::kill() {
  if (child_) child_->kill();
}

bool ResidentWorker::alive() const { return child_ && child_->running() && greeted_; }

Task<Result<void>> ResidentWorker::make_ready() {
  if (alive()) co_return Result<void>{};
  stop();
  if (deps_.clock.mono_now() < not_before_) {
    auto pause = deps_.clock.sleep_until(not_before_);
    HF_CO_TRY_VOID(co_await std::move(pause));
  }
  auto starting = start();
  auto started = co_await std::move(starting);
  if (started) co_return started;
  co_return std::unexpected{start_failed(std::move(started).error())};
}

Error ResidentWorker::start_failed(Error error) {
  stop();
  if (error.error_class() == ErrorClass::canceled) return error;
  back_off(++deaths_);
  if (error.code() == "HF-ENG-02") return Error{error.error_class(), config_.missing_code, error.what()};
  return error;
}

Task<Result<void>> ResidentWorker::start() {
  oom_kills_ = process::oom_kills();
  const ChildSpec spec{.command = command_, .environment = config_.environment, .channel = true};
  HF_CO_TRY(child_, ChildProcess::spawn(deps_.executor, deps_.clock, spec));
  channel_ = std::make_unique<FrameChannel>(deps_.executor, deps_.clock, child_->take_channel());
  auto greeting = greet();
  HF_CO_TRY_VOID(co_await std::move(greeting));
  greeted_ = true;
  co_return Result<void>{};
}

Task<Result<void>> ResidentWorker::greet() {
  auto hearing = receive(deps_.clock.mono_now() + config_.start_max);
  auto frame = co_await std::move(hearing);
  if (frame) co_return process::parse_greeting(*frame);
  if (frame.error().code() == kWorkerHung) {
    co_return fail(ErrorClass::transient, kWorkerHung, "the worker was not ready in time after its start");
  }
  co_return std::unexpected{frame.error()};
}

Task<Result<void>> ResidentWorker::send(std::string frame, UniqueFd input, MonoTime deadline) {
  auto sending = channel_->send(std::move(frame), std::move(input), deadline);
  auto sent = co_await std::move(sending);
  if (sent || sent.error().code() != kWorkerDied) co_return sent;
  if ((co_await asio::this_coro::cancellation_state).cancelled() != asio::cancellation_type::none)
    co_return canceled();
  auto explaining = explain(std::move(sent).error());
  co_return std::unexpected{co_await std::move(explaining)};
}

Task<Result<std::string>> ResidentWorker::receive(MonoTime deadline) {
  auto receiving = channel_->receive(deadline);
  auto frame = co_await std::move(receiving);
  if (frame || frame.error().code() != kWorkerDied) co_return frame;
  if ((co_await asio::this_coro::cancellation_state).cancelled() != asio::cancellation_type::none)
    co_return canceled();
  auto explaining = explain(std::move(frame).error());
  co_return std::unexpected{co_await std::move(explaining)};
}

Task<Error> ResidentWorker::explain(Error error) {
  auto ending = child_->wait(deps_.clock.mono_now() + kDeathShows);
  const auto end = co_await std::move(ending);
  if (!end) co_return error;  // it closed its socket and lives on: the caller kills it
  std::string what = "the worker was " + describe(*end);
  if (end->signal == 0) what = "the worker " + describe(*end);
  if (const std::string words = child_->last_words(); !words.empty()) what += "; it said: " + words;
  const bool not_run =
      end->code == kConfineNotFound || end->code == kConfineNotRun || end->code == kConfineRefused;
  const ladder::Death death{.signal = end->signal,
                            .code = end->code,
                            .by_us = end->by_us,
                            .oom_killed = process::oom_kills() > oom_kills_,
                            .peak_bytes = end->peak_bytes,
                            .limit_bytes = config_.memory_max,
                            .last_words = child_->stderr_tail()};
  if (ladder::of_memory(death)) co_return Error{ErrorClass::resource, kOutOfMemory, what + "; memory was short"};
  if (!greeted_ && end->signal == 0 && not_run) co_return Error{ErrorClass::dependency, "HF-ENG-02", what};
  if (!greeted_) co_return Error{ErrorClass::transient, "HF-ENG-07", what};
  co_return Error{ErrorClass::transient, kWorkerDied, what};
}

WorkerStatus ResidentWorker::status(WorkerKind kind) const {
  WorkerStatus status{.kind = kind, .state = "stopped", .item = item_};
  if (!child_ || !child_->running()) return status;
  status.pid = child_->pid();
  status.state = !greeted_ ? "starting" : !claimed_ ? "idle" : checking_ ? "checking" : "busy";
  return status;
}

}  // namespace holdfast
