#pragma once

#include <memory>

#include "core/cache/ttl.hpp"
#include "ports/clock.hpp"
#include "ports/job_store.hpp"

namespace holdfast::guard {

/// How long an answer is kept that is put into the cache now: FG_8 by the items that wait, looked at once a minute.
class TtlControl {
 public:
  TtlControl(JobStore& jobs, Clock& clock, cache::TtlPolicy policy);

  [[nodiscard]] milliseconds now() const { return ttl_.now; }
  /// Looks until it is stopped. A store that does not answer changes nothing.
  Task<void> run();
  void stop();

 private:
  Task<void> look();

  JobStore& jobs_;
  Clock& clock_;
  cache::TtlPolicy policy_;
  cache::Ttl ttl_;
  bool stopping_ = false;
  std::unique_ptr<Wakeup> bell_;
};

}  // namespace holdfast::guard
