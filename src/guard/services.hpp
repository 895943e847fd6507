#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>

#include "core/retry/budget.hpp"
#include "guard/service.hpp"
#include "ports/clock.hpp"
#include "ports/entropy.hpp"
#include "ports/log.hpp"
#include "ports/state_store.hpp"

namespace holdfast::guard {

/// Everything we stand on, by name: how it is, how fast it answers, whether work may go there. What is learned is
/// kept in the state store under "service/NAME", so that a restart does not storm a sick service.
class Services {
 public:
  struct Deps {
    Clock& clock;
    Entropy& entropy;
    StateStore* states = nullptr;  ///< none: nothing is kept
    Log* log = nullptr;
    std::function<void()> on_room{};  ///< a service may take work again: what is held for it can go on
    /// A service is well or is not, or a breaker has changed.
    std::function<void(const Service& before, const Service& after)> on_change{};
    RetryBudget budget{};
  };
  explicit Services(Deps deps) : deps_{std::move(deps)}, bell_{deps_.clock.make_wakeup()} {}

  void add(ServiceConfig config);
  [[nodiscard]] const std::map<std::string, Service>& all() const { return services_; }
  /// nullptr: there is none of that name.
  [[nodiscard]] const Service* find(const std::string& name) const;

  /// A call that was let through. To be given back to `ended`, once.
  struct Pass {
    std::string service{};
    std::uint64_t era = 0;
    ItemId item{};
    bool repeats = false;
    MonoTime began{};
  };
  /// Errors: dependency HF-SVC-01 (it rests, or enough is being repeated), or the code with which it asked to be
  /// left alone.
  Result<Pass> admit(const std::string& name, ItemId item, bool repeats);
  /// `failure`: nullptr, the call worked.
  void ended(const Pass& pass, const Error* failure);
  /// How many calls would be let through now.
  [[nodiscard]] unsigned room(const std::string& name, bool repeats) const;

  /// What a probe found, and how long it took.
  void seen(const std::string& name, const Result<void>& answer, milliseconds took);

  /// By hand. Errors: not_found HF-SVC-02 (no service of that name, or one without a breaker).
  Result<void> open(const std::string& name);
  Result<void> close(const std::string& name);
  Result<void> reset(const std::string& name);

  /// Takes up what an earlier process kept; what cannot be read is told and left out. Errors: of the store.
  Task<Result<void>> restore();
  /// Keeps what changes, and wakes those who wait when a rest is over, until it is stopped.
  Task<void> run();
  /// Nothing is counted any more.
  void stop();

 private:
  [[nodiscard]] MonoTime now() const { return deps_.clock.mono_now(); }
  Service* find_breaker(const std::string& name);
  Result<void> by_hand(const std::string& name, breaker::Breaker (*change)(breaker::Breaker, MonoTime));
  std::unexpected<Error> refuse(const Service& service, breaker::Refusal refusal) const;
  void settle(Service& service, const Pass& pass, const Error* failure);
  void set(Service& service, const breaker::Breaker& after, const std::string& detail);
  void tell_breaker(const Service& before, const Service& after, const std::string& detail);
  void tell_probe(const Service& before, const Service& after);
  void note(Service& service, std::string what, std::string detail);
  void take_probe(Service& service, const Result<void>& answer, milliseconds took);
  void advance();
  [[nodiscard]] MonoTime next_change() const;
  Task<Result<void>> keep_one(std::string name);
  void give_room();

  Deps deps_;
  std::map<std::string, Service> services_;
  std::set<std::string> unkept_;  ///< changed since they were last kept
  std::unique_ptr<Wakeup> bell_;
  bool stopping_ = false;
};

}  // namespace holdfast::guard
