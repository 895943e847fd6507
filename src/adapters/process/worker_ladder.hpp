#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/process/needed_files.hpp"
#include "core/ladder/ladder.hpp"

namespace holdfast {

/// One way to run a worker.
struct WorkerStep {
  std::string name;                  ///< for people: "whisper-base-q5_1, 1 thread"
  std::vector<std::string> command;  ///< with holdfast-confine in front, where wanted
  std::vector<NeededFile> files;     ///< its models
  std::uint64_t needs_bytes = 0;     ///< memory, roughly; 0: not known
  std::string warning;               ///< what is said of everything that it makes; empty: nothing
  bool smaller_model = false;        ///< than was configured
};

/// The ways to run one worker, the configured one first, and which of them is in force (core/ladder). Single-threaded.
class WorkerLadder {
 public:
  /// `programs` are needed for every step; `code` is that of the errors about files.
  WorkerLadder(std::vector<WorkerStep> steps, ladder::Policy policy,
               const std::vector<std::filesystem::path>& programs, const std::string& code);

  [[nodiscard]] const WorkerStep& step() const { return rungs_[state_.step].step; }
  /// Shared with the thread that reads them.
  [[nodiscard]] const std::shared_ptr<NeededFiles>& files() const { return rungs_[state_.step].files; }
  /// 0: as configured.
  [[nodiscard]] std::size_t number() const { return state_.step; }
  /// Something larger is being tried.
  [[nodiscard]] bool trying() const { return state_.trying; }
  /// When it is worth a try to start what had no room, or something larger.
  [[nodiscard]] MonoTime next_try() const { return state_.up_at; }

  /// Memory ran out, or this step does not work. False: there is nothing smaller.
  bool fall(MonoTime now);
  void prove() { state_ = ladder::proven(state_); }
  [[nodiscard]] bool may_climb(std::optional<std::uint64_t> free_bytes, MonoTime now) const;
  /// The step that the next start would try.
  [[nodiscard]] const WorkerStep& next_step(std::optional<std::uint64_t> free_bytes, MonoTime now) const;
  /// True: another step is in force now.
  bool climb(std::optional<std::uint64_t> free_bytes, MonoTime now);
  /// See NeededFiles.
  void forsake();

 private:
  struct Rung {
    WorkerStep step;
    std::shared_ptr<NeededFiles> files;
  };
  [[nodiscard]] std::vector<ladder::Step> steps() const;

  std::vector<Rung> rungs_;
  ladder::Policy policy_;
  ladder::Ladder state_;
};

}  // namespace holdfast
