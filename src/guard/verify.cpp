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

/// What cannot be read is a finding, and the check goes on. Any other error ends it: the store is away.
bool is_finding(const Error& error) { return error.error_class() == ErrorClass::corrupt; }

/// A file must be there and have the bytes that were recorded; `what` names it in the sentences.
Task<Violations> check_file(BlobStore& blobs, ItemId item, BlobInfo recorded, std::string what) {
  Violations found;
  const auto measured = co_await blobs.measure(recorded.id);
  if (!measured) {
    const bool gone = measured.error().error_class() == ErrorClass::not_found;
    found.push_back({gone ? "blob_missing" : "blob_unreadable", item.text(),
                     what + (gone ? " is not there" : " cannot be read: " + measured.error().what())});
  } else if (!recorded.sha256.empty() &&
             (measured->bytes != recorded.bytes || measured->sha256 != recorded.sha256)) {
    found.push_back({"blob_damaged", item.text(), what + " has other bytes than were recorded"});
  }
  co_return found;
}

Task<Violations> check_files(BlobStore& blobs, Job job, MadeOf made_of) {
  Violations all;
  if (!job.input.blob.empty() && keeps_file(job)) {
    BlobInfo input{.id = job.input.blob, .bytes = job.input.bytes, .sha256 = job.input.sha256};
    auto checking = check_file(blobs, job.id, std::move(input), "the file that was handed in");
    all = co_await std::move(checking);
  }
  for (BlobInfo& made : made_of(job)) {
    auto checking = check_file(blobs, job.id, std::move(made), "a file that its work needs");
    std::ranges::move(co_await std::move(checking), std::back_inserter(all));
  }
  co_return all;
}

Task<Result<Seen>> look_at(JobStore& store, ItemId id) {
  Seen seen;
  HF_CO_TRY(const auto record, co_await store.record(id));
  HF_CO_TRY(const auto trail, co_await store.audit(id));
  HF_CO_TRY(const auto after, co_await store.find(id));
  if (!record || !after || record->job.version != after->version) co_return seen;
  std::vector<invariant::ResultName> names;
  for (const StoredResult& result : record->results) names.push_back({result.stage, result.name});
  const invariant::Evidence evidence{record->job, trail, record->segments, record->gaps, names,
                                     record->extractions};
  for (std::string& what : invariant::broken(evidence)) {
    seen.violations.push_back({"job_state", id.text(), std::move(what)});
  }
  seen.job = record->job;
  seen.steady = true;
  co_return seen;
}

Task<Result<Violations>> check_job(JobStore& store, BlobStore& blobs, ItemId id, MadeOf made_of) {
  for (unsigned looks = 0; looks < kLooksMax; ++looks) {
    auto seen = co_await look_at(store, id);
    if (!seen && is_finding(seen.error())) co_return Violations{{"store_damaged", id.text(), seen.error().what()}};
    if (!seen) co_return std::unexpected{seen.error()};
    if (!seen->steady) continue;
    auto files = co_await check_files(blobs, seen->job, made_of);
    std::ranges::move(files, std::back_inserter(seen->violations));
    co_return std::move(seen->violations);
  }
  co_return Violations{{"job_restless", id.text(), "the job changed faster than it could be looked at"}};
}

/// The next page of jobs. One that holds a row that cannot be read is gone through one by one, up to that row.
Task<Result<std::vector<Job>>> next_page(JobStore& store, Query query, Violations* found) {
  auto jobs = co_await store.list(query);
  if (jobs || !is_finding(jobs.error())) co_return jobs;
  std::vector<Job> before_it;
  query.limit = 1;
  for (;;) {
    auto one = co_await store.list(query);
    if (!one && !is_finding(one.error())) co_return one;
    if (!one || one->empty()) break;
    query.before = one->front().id;
    before_it.push_back(std::move(one->front()));
  }
  const std::string what = "a job cannot be read, and none of those before it was looked at: ";
  found->push_back({"store_damaged", query.before.text(), what + jobs.error().what()});
  co_return before_it;
}

}  // namespace

Task<Result<std::vector<Violation>>> verify(JobStore& store, BlobStore& blobs, MadeOf made_of) {
  Violations all;
  HF_CO_TRY(const auto damage, co_await store.check());
  for (const std::string& what : damage) all.push_back({"store_damaged", "", what});
  Query query{.limit = kPage};
  for (;;) {
    HF_CO_TRY(const auto jobs, co_await next_page(store, query, &all));
    for (const Job& job : jobs) {
      HF_CO_TRY(auto found, co_await check_job(store, blobs, job.id, made_of));
      std::ranges::move(found, std::back_inserter(all));
    }
    if (jobs.size() < kPage) co_return all;
    query.before = jobs.back().id;
  }
}

}  // namespace holdfast::guard
