#include "guard/verify.hpp"

#include "core/invariant/invariant.hpp"

namespace holdfast::guard {
namespace {

constexpr unsigned kPage = 200;
constexpr unsigned kLooksMax = 20;  ///< at a job that changes all the time

using Violations = std::vector<Violation>;

struct Seen {
  Job job;
  Violations violations;
  bool steady = false;  ///< nothing changed while we looked
};

Task<Result<Violations>> check_input(BlobStore& blobs, Job job) {
  Violations found;
  if (job.input.blob.empty()) co_return found;
  const auto measured = co_await blobs.measure(job.input.blob);
  if (!measured) {
    if (measured.error().error_class() != ErrorClass::not_found) co_return std::unexpected(measured.error());
    found.push_back({"blob_missing", job.id.text(), "the file that was handed in is not there"});
    co_return found;
  }
  if (measured->bytes != job.input.bytes || measured->sha256 != job.input.sha256) {
    found.push_back({"blob_damaged", job.id.text(),
                     "the file that was handed in has other bytes than were acknowledged"});
  }
  co_return found;
}

Task<Result<Seen>> look_at(JobStore& store, ItemId id) {
  Seen seen;
  HF_CO_TRY(const auto before, co_await store.find(id));
  HF_CO_TRY(const auto trail, co_await store.audit(id));
  HF_CO_TRY(const auto segments, co_await store.segments(id));
  HF_CO_TRY(const auto gaps, co_await store.gaps(id));
  HF_CO_TRY(const auto results, co_await store.results(id));
  HF_CO_TRY(const auto after, co_await store.find(id));
  if (!before || !after || before->version != after->version) co_return seen;
  std::vector<invariant::ResultName> names;
  for (const StoredResult& result : results) names.push_back({result.stage, result.name});
  for (std::string& what : invariant::broken({*before, trail, segments, gaps, names})) {
    seen.violations.push_back({"job_state", id.text(), std::move(what)});
  }
  seen.job = *before;
  seen.steady = true;
  co_return seen;
}

Task<Result<Violations>> check_job(JobStore& store, BlobStore& blobs, ItemId id) {
  for (unsigned looks = 0; looks < kLooksMax; ++looks) {
    HF_CO_TRY(Seen seen, co_await look_at(store, id));
    if (!seen.steady) continue;
    HF_CO_TRY(auto input, co_await check_input(blobs, seen.job));
    std::ranges::move(input, std::back_inserter(seen.violations));
    co_return std::move(seen.violations);
  }
  co_return Violations{{"job_restless", id.text(), "the job changed faster than it could be looked at"}};
}

}  // namespace

Task<Result<std::vector<Violation>>> verify(JobStore& store, BlobStore& blobs) {
  Violations all;
  HF_CO_TRY(const auto damage, co_await store.check());
  for (const std::string& what : damage) all.push_back({"store_damaged", "", what});
  Query query{.limit = kPage};
  for (;;) {
    HF_CO_TRY(const auto jobs, co_await store.list(query));
    for (const Job& job : jobs) {
      HF_CO_TRY(auto found, co_await check_job(store, blobs, job.id));
      std::ranges::move(found, std::back_inserter(all));
    }
    if (jobs.size() < kPage) co_return all;
    query.before = jobs.back().id;
  }
}

}  // namespace holdfast::guard
