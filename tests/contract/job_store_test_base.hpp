#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/contract/job_store_samples.hpp"

namespace holdfast::contract {

/// The world of one test of a JobStore. A Backend is made anew for each test, with an empty store, and has
/// - `JobStore& store();`
/// - `void reopen();` which closes the store and opens it again: what was acknowledged is there
/// - `void set_now(WallTime now);` what the store's calendar shows from then on, until it is set again
/// - `template <class T> T run(Task<T> task);` which drives the task to its end and returns what it returned
template <class Backend>
class JobStoreTest : public testing::Test {
 protected:
  JobStoreTest() { set_now(kNow); }
  Backend& backend() { return backend_; }
  JobStore& store() { return backend_.store(); }
  void reopen() { backend_.reopen(); }
  void set_now(WallTime now) { backend_.set_now(now); }

  template <class T>
  T run(Task<T> task) {
    return backend_.run(std::move(task));
  }

  /// What a call returned, or a failed test and an empty value.
  template <class T>
  T value(Task<Result<T>> task) {
    Result<T> result = run(std::move(task));
    if (result) return *std::move(result);
    ADD_FAILURE() << result.error().code() << ": " << result.error().what();
    return T{};
  }

  /// "class code" of the error that a call must return. The class as a number, in the order of ErrorClass.
  template <class T>
  std::string refusal(Task<Result<T>> task) {
    const Result<T> result = run(std::move(task));
    if (result) return "no error";
    return std::to_string(int(result.error().error_class())) + " " + result.error().code();
  }
  static std::string error_text(ErrorClass cls, const std::string& code) {
    return std::to_string(int(cls)) + " " + code;
  }
  static std::string stale_fence() { return error_text(ErrorClass::conflict, "HF-ITM-05"); }
  static std::string unknown_item() { return error_text(ErrorClass::not_found, "HF-ITM-06"); }

  Job add(Job job) { return value(store().enqueue(created(std::move(job)))).job; }
  Job add(unsigned n) { return add(sample_job(n)); }
  std::vector<Job> claim(ClaimRequest request) { return value(store().claim(std::move(request))); }
  /// Adds the n-th job and leases it.
  Job add_leased(unsigned n) {
    add(n);
    const std::vector<Job> jobs = claim(claim_request());
    if (jobs.size() == 1) return jobs.front();
    ADD_FAILURE() << "claimed " << jobs.size() << " jobs";
    return {};
  }
  Job settle(const Job& job, Decide decide) {
    return value(store().update_leased(job.id, job.fence, std::move(decide)));
  }
  Job update(const ItemId& id, Decide decide) { return value(store().update(id, std::move(decide))); }

  std::optional<Job> find(const ItemId& id) { return value(store().find(id)); }
  std::vector<StoredEvent> audit(const ItemId& id) { return value(store().audit(id)); }
  std::vector<StoredEvent> log() { return value(store().events_after(0, 1000)); }
  std::vector<StoredEvent> outbox() { return value(store().outbox(1000)); }

  /// Everything that the store says about an item, to be compared before and after a call that must change
  /// nothing.
  std::string all_about(const ItemId& id) {
    return text_of(find(id)) + "\n" + text_of(audit(id)) + text_of(value(store().segments(id))) +
           text_of(value(store().gaps(id))) +
           text_of(value(store().results(id))) + std::to_string(outbox().size());
  }

 private:
  Backend backend_;
};

}  // namespace holdfast::contract
