#include "flow/queue/resume.hpp"

#include "core/job/decide.hpp"
#include "core/job/resume.hpp"
#include "flow/queue/artifact.hpp"

namespace holdfast::queue {
namespace {

/// The item may have gone on since it was listed: it is looked at again where it is changed.
Decide resume_of(unsigned resumed) {
  return [resumed](const Job& job, WallTime now) -> Result<Transition> {
    if (!resumes_at_log_in(job, resumed))
      return fail(ErrorClass::conflict, "HF-ITM-03", "it does not go on by itself");
    return decide::retry(job, retry_from(job, ""), now);
  };
}

}  // namespace

Task<Result<std::size_t>> resume_failed(EngineState* engine, std::string owner) {
  JobStore& store = engine->deps.store;
  Query query{.owner = std::move(owner), .status = JobStatus::failed, .limit = kResumedMax};
  HF_CO_TRY(const auto failed, co_await store.list(std::move(query)));
  std::size_t resumed = 0;
  for (const Job& job : failed) {
    HF_CO_TRY(const auto trail, co_await store.audit(job.id));
    const unsigned before = resumes_so_far(trail);
    if (!resumes_at_log_in(job, before)) continue;
    Decide decide = resume_of(before);
    const auto changed = co_await store.update(job.id, std::move(decide));
    if (changed) ++resumed;
    if (!changed && changed.error().error_class() != ErrorClass::conflict)
      co_return std::unexpected(changed.error());
  }
  if (resumed > 0) engine->ring_all();
  co_return resumed;
}

}  // namespace holdfast::queue
