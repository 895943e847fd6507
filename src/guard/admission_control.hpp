#pragma once

#include <functional>
#include <list>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/admission/limits.hpp"
#include "ports/admission.hpp"
#include "ports/clock.hpp"
#include "ports/job_store.hpp"
#include "ports/log.hpp"
#include "ports/memory_gauge.hpp"
#include "ports/state_store.hpp"

namespace holdfast::guard {

/// Decides who is let in and whether new work may start, by memory, queues and users. On one thread, so that what was
/// counted is still so when a place is given.
class AdmissionControl final : public Admission {
 public:
  struct Deps {
    MemoryGauge* memory = nullptr;  ///< none: memory holds nothing back
    JobStore& jobs;
    StateStore& states;
    Clock& clock;
    std::set<std::string> bulkheads;
    std::function<void(admission::Pace)> set_pace;  ///< told how fast new work may be begun
    Log* log = nullptr;
  };
  /// `limits`: as configured; what was set while an earlier process ran is stronger once `load` has read it.
  AdmissionControl(Deps deps, admission::Limits limits);
  ~AdmissionControl() override;

  /// Reads what was set while an earlier process ran. Errors: as the store; one that cannot be understood is told to
  /// the log and not used.
  Task<Result<void>> load();
  /// Looks at the memory every two seconds until it is cancelled or stopped.
  Task<void> run();
  /// Looks at the memory once.
  Task<void> look();
  void stop();

  Task<Result<std::unique_ptr<AdmissionTicket>>> admit(std::string owner,
                                                       std::vector<std::string> bulkheads) override;

  [[nodiscard]] const admission::Limits& limits() const { return limits_; }
  /// From now on and after a restart. Errors: invalid HF-ADM-04 (nothing is changed), as the store.
  Task<Result<void>> set_limits(admission::Limits limits);

  /// As last read; nothing: not yet, or it cannot be.
  [[nodiscard]] const std::optional<MemoryReading>& memory() const { return memory_; }
  [[nodiscard]] admission::Pace pace() const { return pace_; }
  [[nodiscard]] bool refusing() const { return uploads_ == admission::Gate::closed; }
  /// How many uploads full queues have refused since the server started.
  [[nodiscard]] std::uint64_t queue_refusals() const { return queue_refusals_count_; }
  /// Sentences for everybody, as long as they hold.
  [[nodiscard]] std::vector<std::string> messages() const;

 private:
  class Ticket;
  /// Somebody who was let in after what `load_` was read from, or perhaps before it.
  struct Guest {
    std::string owner;
    std::vector<std::string> bulkheads;
    std::uint64_t returned = 0;  ///< which return of a ticket this one's was; 0: it is still out
  };
  Task<Result<void>> read_load();
  [[nodiscard]] bool misses_users() const;
  void add_to_load(const Guest& guest);
  void judge();
  void count_refusal(const Error& error);

  Deps deps_;
  admission::Limits limits_;
  std::optional<MemoryReading> memory_;
  admission::Gate work_ = admission::Gate::open;
  admission::Gate uploads_ = admission::Gate::open;
  admission::Load load_;  ///< as read last, with every guest since added: never less than what is there
  std::optional<MonoTime> load_read_at_;
  bool load_has_users_ = false;  ///< who is active is only asked where there is a limit
  std::uint64_t load_returns_ = 0;  ///< how many tickets had come back when that reading began
  std::list<Guest> guests_;
  std::set<Ticket*> tickets_;
  std::uint64_t returns_ = 0;
  std::uint64_t queue_refusals_count_ = 0;
  MonoTime work_closed_at_{};
  admission::Pace pace_ = admission::Pace::full;
  bool told_blind_ = false;
  bool stopping_ = false;
  std::unique_ptr<Wakeup> bell_;
};

}  // namespace holdfast::guard
