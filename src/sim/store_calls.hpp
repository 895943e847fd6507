#pragma once

#include <optional>
#include <type_traits>

#include "sim/coverage.hpp"
#include "sim/sim_clock.hpp"

namespace holdfast::sim {

/// When and how often a store's calls go wrong. All chances 0..1.
struct StoreFaults {
  double fails_before = 0;  ///< transient: nothing was written
  double fails_after = 0;   ///< unknown: it was written
  milliseconds delay_max{0};
  MonoTime away_until{};  ///< an outage: every call fails before it takes effect
  MonoTime refuses_until{};  ///< it can be read, and takes no writes
  ErrorClass refuses_as = ErrorClass::transient;
  bool hangs = false;     ///< a planted bug: then it does not answer until it is back
  MonoTime failed_at{};   ///< when a call last went wrong
  Coverage* coverage = nullptr;
};

/// The time and the faults around the calls of a store. A call takes effect at one moment, some time after it
/// was made and some time before it is answered: a crash of the caller may fall before, between and after.
class StoreCalls {
 public:
  StoreCalls(SimClock& clock, Rng& rng, StoreFaults& faults) : clock_{clock}, rng_{rng}, faults_{faults} {}

  /// As `call`, of one that writes.
  template <class T, class Fn>
  Task<Result<T>> write(Fn fn) {
    if (clock_.mono_now() < faults_.refuses_until) {
      co_await clock_.nap(delay());
      co_return failed(faults_.refuses_as, "store/refused_to_write");
    }
    auto calling = call<T>(std::move(fn));
    co_return co_await std::move(calling);
  }

  /// `fn` makes the call and returns a T, a Result<T>, or a Task<Result<T>>.
  template <class T, class Fn>
  Task<Result<T>> call(Fn fn) {
    co_await clock_.nap(delay());
    if (faults_.hangs && clock_.mono_now() < faults_.away_until)
      co_await clock_.nap(faults_.away_until - clock_.mono_now());
    if (clock_.mono_now() < faults_.away_until) co_return failed(ErrorClass::transient, "store/away");
    if (draw(faults_.fails_before)) co_return failed(ErrorClass::transient, "store/failed_before");
    std::optional<Result<T>> answer;
    if constexpr (std::is_convertible_v<std::invoke_result_t<Fn&>, Result<T>>) {
      answer.emplace(fn());
    } else {
      auto calling = fn();
      answer.emplace(co_await std::move(calling));
    }
    co_await clock_.nap(delay());
    if (draw(faults_.fails_after)) co_return failed(ErrorClass::unknown, "store/answer_lost");
    if (!*answer && is_trouble(answer->error())) faults_.failed_at = clock_.mono_now();
    co_return *std::move(answer);
  }

 private:
  std::unexpected<Error> failed(ErrorClass cls, std::string_view what) {
    faults_.failed_at = clock_.mono_now();
    reach(faults_.coverage, what);
    return fail(cls, "HF-STO-04", cls == ErrorClass::unknown ? "the answer was lost" : "the store did not answer");
  }
  /// The store's own, as opposed to a question that it rightly refuses.
  static bool is_trouble(const Error& error) {
    return error.error_class() == ErrorClass::transient || error.error_class() == ErrorClass::unknown ||
           error.error_class() == ErrorClass::resource || error.error_class() == ErrorClass::corrupt;
  }
  bool draw(double chance) { return chance > 0 && static_cast<double>(rng_.below(1'000'000)) < chance * 1e6; }
  milliseconds delay() {
    if (faults_.delay_max.count() == 0) return milliseconds{0};
    return milliseconds{
        static_cast<std::int64_t>(rng_.below(static_cast<std::uint64_t>(faults_.delay_max.count())))};
  }

  SimClock& clock_;
  Rng& rng_;
  StoreFaults& faults_;
};

}  // namespace holdfast::sim
