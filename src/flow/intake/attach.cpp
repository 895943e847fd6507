#include "flow/intake/attach.hpp"

#include "core/job/attach.hpp"
#include "core/job/decide.hpp"

namespace holdfast::intake {

Task<Result<std::optional<Job>>> attach(Deps deps, std::string owner, std::string key, milliseconds within) {
  auto finding = deps.store.find_key(std::move(owner), std::move(key));
  HF_CO_TRY(auto found, co_await std::move(finding));
  if (!found || attach::is_repetition(*found, deps.clock.wall_now(), within)) co_return found;
  const Decide give_up = [](const Job& job, WallTime now) {
    return decide::answered(job, "nobody asked for the answer again in time", now);
  };
  const auto given_up = co_await deps.store.update(found->id, give_up);
  // Somebody else may have had it give its key up at this moment: then it is free as well.
  if (!given_up && given_up.error().error_class() != ErrorClass::conflict) co_return std::unexpected(given_up.error());
  co_return std::optional<Job>{};
}

}  // namespace holdfast::intake
