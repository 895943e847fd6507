#include "guard/guarded_run.hpp"

#include <utility>

#include "core/speech/cause.hpp"

namespace holdfast::guard {
namespace {

/// So much speech without text, and more of it than with: the engine hears and does not understand. Less is a
/// bad recording.
constexpr milliseconds kUnheardMin{10'000};

/// A call that was let through: its end is told once, whatever way it goes.
class Call {
 public:
  Call(Services& services, Services::Pass pass) : services_{&services}, pass_{std::move(pass)} {}
  Call(Call&& other) noexcept : services_{std::exchange(other.services_, nullptr)}, pass_{std::move(other.pass_)} {}
  Call& operator=(Call&&) = delete;
  ~Call() {
    const Error dropped{ErrorClass::canceled, "HF-SRV-02", "given up"};
    end(&dropped);
  }

  void end(const Error* failure) {
    if (Services* services = std::exchange(services_, nullptr); services != nullptr)
      services->ended(pass_, failure);
  }

 private:
  Services* services_;
  Services::Pass pass_;
};

class GuardedRun final : public WorkRun {
 public:
  GuardedRun(std::unique_ptr<WorkRun> inner, Call call) : inner_{std::move(inner)}, call_{std::move(call)} {}
  /// An answer that nobody judged is an answer.
  ~GuardedRun() override {
    if (finished_) call_.end(nullptr);
  }

  Task<Result<WorkEvent>> next() override {
    auto waiting = inner_->next();
    auto event = co_await std::move(waiting);
    if (!event) call_.end(&event.error());
    if (event) hear(*event);
    co_return event;
  }

  void judge(const Error* unusable) override {
    inner_->judge(unusable);
    const Error unheard{ErrorClass::transient, "HF-ENG-08", "speech, but no text"};
    const bool deaf = unheard_ >= kUnheardMin && unheard_ > heard_;
    call_.end(unusable == nullptr && deaf ? &unheard : unusable);
  }

 private:
  void hear(const WorkEvent& event) {
    finished_ = finished_ || std::holds_alternative<Finished>(event);
    const auto* done = std::get_if<SegmentsDone>(&event);
    if (done == nullptr) return;
    for (const Segment& segment : done->segments) heard_ += milliseconds{segment.end_ms - segment.start_ms};
    for (const Gap& gap : done->gaps) {
      // Sounds where a voice was thought to be are the recording's, not the engine's.
      if (gap.cause != speech::words_for(speech::Cause::invented)) unheard_ += milliseconds{gap.end_ms - gap.start_ms};
    }
  }

  std::unique_ptr<WorkRun> inner_;
  Call call_;
  bool finished_ = false;
  milliseconds heard_{0};
  milliseconds unheard_{0};
};

}  // namespace

Task<Result<std::unique_ptr<WorkRun>>> start_guarded(WorkerPool* inner, Services* services, std::string service,
                                                    WorkRequest request) {
  HF_CO_TRY(auto pass, services->admit(service, request.item, request.repeats));
  Call call{*services, std::move(pass)};
  auto starting = inner->start(std::move(request));
  auto run = co_await std::move(starting);
  if (!run) {
    call.end(&run.error());
    co_return std::unexpected{std::move(run).error()};
  }
  co_return std::make_unique<GuardedRun>(*std::move(run), std::move(call));
}

}  // namespace holdfast::guard
