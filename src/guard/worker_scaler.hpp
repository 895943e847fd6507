#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/admission/limits.hpp"
#include "core/scale/scale.hpp"
#include "ports/clock.hpp"
#include "ports/job_store.hpp"
#include "ports/log.hpp"
#include "ports/memory_gauge.hpp"

namespace holdfast::guard {

/// Lets more workers of one bulkhead work while many items wait for it and memory is there, and fewer again afterwards
/// (FG_10).
class WorkerScaler {
 public:
  struct Deps {
    JobStore& jobs;
    Clock& clock;
    std::function<std::optional<MemoryReading>()> memory;  ///< nothing: nobody knows, so it holds nothing back
    std::function<admission::Limits()> limits;
    std::function<admission::Pace()> pace;
    std::function<void(unsigned)> set_workers;  ///< told how many may be at work
    std::string bulkhead{"engine"};
    std::uint64_t bytes_each = 0;  ///< memory of one more, roughly
    Log* log = nullptr;
  };
  WorkerScaler(Deps deps, scale::Policy policy);

  /// Looks every five seconds until it is stopped; at once returns where there is nothing to decide.
  Task<void> run();
  /// Looks once.
  Task<void> look();
  void stop();

  [[nodiscard]] unsigned workers() const { return scale_.workers; }
  /// Beyond what there are otherwise.
  [[nodiscard]] unsigned added() const { return scale_.workers - policy_.least; }
  [[nodiscard]] const scale::Policy& policy() const { return policy_; }

 private:
  [[nodiscard]] bool has_room() const;
  Task<std::optional<std::uint64_t>> waiting();
  void tell_change(unsigned before, std::optional<std::uint64_t> waiting);

  Deps deps_;
  scale::Policy policy_;
  scale::Scale scale_;
  std::unique_ptr<Wakeup> bell_;
  bool stopping_ = false;
};

}  // namespace holdfast::guard
