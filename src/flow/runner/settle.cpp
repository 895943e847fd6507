#include "flow/runner/settle.hpp"

namespace holdfast::runner {
namespace {

constexpr BackoffPolicy kStoreBackoff{.base = milliseconds{200}, .ceiling = milliseconds{10'000}};
/// So long a server that is to stop waits for its store. What is not settled by then is recovered at the start.
constexpr milliseconds kDrainPatience{5'000};

Failure failure_of(const Error& error) { return {error.error_class(), error.code(), error.what()}; }

bool worker_died(const Error& error) { return error.code() == kWorkerDied || error.code() == kWorkerHung; }

/// The decision that an ending calls for, on the job as the store has it.
Result<Transition> decide_on(const Job& now_stored, const Ending& ending, const RetryPolicy& policy,
                             std::uint64_t dice, WallTime now) {
  if (ending.outcome) return decide::succeed(now_stored, *ending.outcome, now);
  if (now_stored.cancel_requested) return decide::cancel(now_stored, now);
  if (ending.error)
    return decide::fail(now_stored, failure_of(*ending.error), worker_died(*ending.error), policy, dice, now);
  return decide::give_back(now_stored, now);
}

bool worth_asking_again(const Error& error) {
  return error.error_class() == ErrorClass::transient || error.error_class() == ErrorClass::unknown ||
         error.error_class() == ErrorClass::resource;
}

/// Waits before the store is asked again. False: we are to stop, and have asked for long enough.
Task<bool> may_ask_again(unsigned tries, Attempt* attempt, std::optional<MonoTime>* give_up, Deps deps) {
  const MonoTime now = deps.clock.mono_now();
  if (attempt->stop == Stop::drain && !*give_up) *give_up = now + kDrainPatience;
  if (*give_up && now >= **give_up) co_return false;
  const MonoTime next = now + kStoreBackoff.base + backoff(kStoreBackoff, tries, deps.entropy.next());
  const auto rung = co_await attempt->stop_bell->wait_until(*give_up ? std::min(next, **give_up) : next);
  co_return rung.has_value();
}

}  // namespace

Task<Result<Job>> settle(Job job, Ending ending, RetryPolicy policy, Attempt* attempt, Deps deps) {
  const std::uint64_t dice = deps.entropy.next();
  const Decide decision = [ending = std::move(ending), policy, dice](const Job& stored, WallTime now) {
    return decide_on(stored, ending, policy, dice, now);
  };
  std::optional<MonoTime> give_up;
  for (unsigned tries = 1;; ++tries) {
    auto settled = co_await deps.store.update_leased(job.id, job.fence, decision);
    if (settled || !worth_asking_again(settled.error())) co_return settled;
    if (!co_await may_ask_again(tries, attempt, &give_up, deps)) co_return settled;
  }
}

}  // namespace holdfast::runner
