#include "guard/admission_control.hpp"

#include "core/catalogue/catalogue.hpp"
#include "guard/limits_json.hpp"

namespace holdfast::guard {
namespace {

using admission::Gate;
using admission::Pace;

constexpr milliseconds kLookAtLoadEvery{2'000};
constexpr milliseconds kLoadAge{250};  ///< what was read is used so long; who was let in since is counted with it
constexpr const char* kLimitsName = "admission/limits";
constexpr std::uint64_t kAlertEvery = 10;  ///< refusals (FG_9)
constexpr std::string_view kPausedMessage =
    "Memory is short at the moment: what waits begins when there is room again.";

std::string_view event_word(Pace pace) {
  switch (pace) {
    case Pace::full:
      return "work_resumed";
    case Pace::one_at_a_time:
      return "work_slowed";
    case Pace::none:
      return "work_paused";
  }
  std::unreachable();
}

}  // namespace

/// Keeps its guest counted as let in, not yet recorded. The control outlives it, or has let go of it.
class AdmissionControl::Ticket final : public AdmissionTicket {
 public:
  Ticket(AdmissionControl& control, std::list<Guest>::iterator guest) : control_{&control}, guest_{guest} {
    control.tickets_.insert(this);
  }
  ~Ticket() override {
    if (control_ == nullptr) return;
    control_->tickets_.erase(this);
    guest_->returned = ++control_->returns_;
  }
  Ticket(const Ticket&) = delete;
  Ticket& operator=(const Ticket&) = delete;
  void let_go() { control_ = nullptr; }

 private:
  AdmissionControl* control_;
  std::list<Guest>::iterator guest_;
};

AdmissionControl::AdmissionControl(Deps deps, admission::Limits limits)
    : deps_{std::move(deps)}, limits_{std::move(limits)}, bell_{deps_.clock.make_wakeup()} {}

AdmissionControl::~AdmissionControl() {
  for (Ticket* ticket : tickets_) ticket->let_go();
}

Task<Result<void>> AdmissionControl::load() {
  HF_CO_TRY(const auto kept, co_await deps_.states.kept(kLimitsName));
  if (!kept) co_return Result<void>{};
  auto limits = limits_from_json(*kept, limits_);
  if (limits && admission::check(*limits, deps_.bulkheads)) {
    limits_ = *std::move(limits);
  } else {
    tell(deps_.log, LogLevel::error, "limits_unreadable", {{"state", kLimitsName}});
  }
  co_return Result<void>{};
}

Task<Result<void>> AdmissionControl::set_limits(admission::Limits limits) {
  HF_CO_TRY_VOID(admission::check(limits, deps_.bulkheads));
  HF_CO_TRY_VOID(co_await deps_.states.keep(kLimitsName, to_json_text(limits)));
  limits_ = std::move(limits);
  tell(deps_.log, LogLevel::info, "limits_changed");
  judge();
  co_return Result<void>{};
}

void AdmissionControl::judge() {
  if (!memory_) return;
  const Gate work = admission::next_gate(work_, memory_->available(), limits_.work);
  const Gate uploads = admission::next_gate(uploads_, memory_->available(), limits_.uploads);
  const auto percent = std::to_string(static_cast<int>(memory_->available() * 100));
  const std::vector<LogField> fields{{"source", memory_->source}, {"available_percent", percent}};
  if (uploads != uploads_)
    tell(deps_.log, LogLevel::warn, uploads == Gate::closed ? "uploads_refused" : "uploads_taken_again", fields);
  uploads_ = uploads;
  const MonoTime now = deps_.clock.mono_now();
  if (work == Gate::closed && work_ == Gate::open) work_closed_at_ = now;
  work_ = work;
  const Pace pace = admission::pace_of(work_, now - work_closed_at_);
  if (pace == pace_) return;
  pace_ = pace;
  tell(deps_.log, LogLevel::warn, event_word(pace), fields);
  if (deps_.set_pace) deps_.set_pace(pace);
}

Task<void> AdmissionControl::look() {
  if (deps_.memory == nullptr) co_return;
  auto reading = co_await deps_.memory->read();
  if (!reading) {
    if (!std::exchange(told_blind_, true))
      tell(deps_.log, LogLevel::error, "memory_unreadable",
           {{"code", reading.error().code()}, {"message", reading.error().what()}});
    co_return;  // gates stay as they are: not knowing is no reason to change one's mind
  }
  told_blind_ = false;
  memory_ = *std::move(reading);
  judge();
}

Task<void> AdmissionControl::run() {
  while (!stopping_) {
    co_await look();
    if (stopping_) co_return;
    const auto woken = co_await bell_->wait_until(deps_.clock.mono_now() + kLookAtLoadEvery);
    if (!woken) co_return;
  }
}

void AdmissionControl::stop() {
  stopping_ = true;
  bell_->ring();
}

void AdmissionControl::add_to_load(const Guest& guest) {
  load_.active_users.insert(guest.owner);
  for (const std::string& bulkhead : guest.bulkheads) load_.waiting[bulkhead] += 1;
}

Task<Result<void>> AdmissionControl::read_load() {
  const MonoTime began = deps_.clock.mono_now();
  const std::uint64_t returns = returns_;  // whoever came back before now is recorded, or has given up
  admission::Load read;
  const bool with_users = limits_.active_users_max > 0;
  if (with_users) {
    HF_CO_TRY(read.active_users, co_await deps_.jobs.active_owners());
  }
  HF_CO_TRY(const auto counts, co_await deps_.jobs.counts());
  if (load_read_at_ && returns < load_returns_) co_return Result<void>{};  // a later reading was faster
  for (const QueueCount& count : counts) {
    if (count.status == JobStatus::pending) read.waiting[count.bulkhead] += count.jobs;
  }
  load_ = std::move(read);
  load_read_at_ = began;
  load_has_users_ = with_users;
  load_returns_ = returns;
  std::erase_if(guests_, [returns](const Guest& guest) { return guest.returned > 0 && guest.returned <= returns; });
  for (const Guest& guest : guests_) add_to_load(guest);
  co_return Result<void>{};
}

/// A limit that was just set, perhaps while the load was read, needs more than what was read without it.
bool AdmissionControl::misses_users() const { return limits_.active_users_max > 0 && !load_has_users_; }

void AdmissionControl::count_refusal(const Error& error) {
  if (error.code() != "HF-ADM-02" || ++queue_refusals_count_ % kAlertEvery != 0) return;
  tell(deps_.log, LogLevel::error, "queue_refusals",
       {{"code", error.code()}, {"count", std::to_string(queue_refusals_count_)}});
}

Task<Result<std::unique_ptr<AdmissionTicket>>> AdmissionControl::admit(std::string owner,
                                                                       std::vector<std::string> bulkheads) {
  const MonoTime now = deps_.clock.mono_now();
  for (bool last = false;; last = true) {
    if (last || !load_read_at_ || *load_read_at_ + kLoadAge < now) HF_CO_TRY_VOID(co_await read_load());
    while (misses_users()) HF_CO_TRY_VOID(co_await read_load());
    load_.uploads = uploads_;
    const auto admitted = admission::admit(limits_, load_, owner, bulkheads);
    if (admitted) break;
    // What was read a moment ago may be over: nobody is refused by it.
    const bool by_memory = admitted.error().code() == "HF-ADM-01";
    if (!last && !by_memory) continue;
    count_refusal(admitted.error());
    co_return std::unexpected{admitted.error()};
  }
  // Between the last look and this line nobody else was let in: there is no wait in between.
  guests_.push_back({.owner = std::move(owner), .bulkheads = std::move(bulkheads)});
  add_to_load(guests_.back());
  co_return std::make_unique<Ticket>(*this, std::prev(guests_.end()));
}

std::vector<std::string> AdmissionControl::messages() const {
  std::vector<std::string> out;
  if (refusing()) out.emplace_back(catalogue::describe("HF-ADM-01").message);
  if (pace_ != Pace::full) out.emplace_back(kPausedMessage);
  return out;
}

}  // namespace holdfast::guard
