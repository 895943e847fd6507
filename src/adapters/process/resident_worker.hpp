#pragma once

#include <boost/asio/steady_timer.hpp>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "adapters/process/child_process.hpp"
#include "adapters/process/frame_channel.hpp"
#include "adapters/process/tiny_inference.hpp"
#include "adapters/process/worker_ladder.hpp"
#include "core/health/inference.hpp"
#include "core/retry/backoff.hpp"
#include "ports/entropy.hpp"
#include "ports/worker_pool.hpp"

namespace holdfast {

/// How a worker program that stays is run.
struct ResidentConfig {
  std::vector<std::string> command;        ///< with holdfast-confine in front, where wanted (see confined())
  std::string name;                        ///< of what it runs, for people: "whisper-base-q8_0"
  std::uint64_t needs_bytes = 0;           ///< memory, roughly; 0: not known
  std::vector<WorkerStep> smaller;         ///< what it runs instead when memory is short, the largest first
  ladder::Policy ladder;
  std::uint64_t memory_max = 0;            ///< that the command allows it, bytes; 0: no limit
  std::vector<std::string> environment;    ///< NAME=VALUE
  std::set<std::string> roles;             ///< that it serves, where its kind has several residents
  std::filesystem::path program;           ///< what must be there for it: the worker program
  std::filesystem::path confine;           ///< and holdfast-confine; empty: run unconfined
  std::vector<NeededFile> files;           ///< its models
  std::string missing_code = "HF-ENG-02";  ///< of the dependency error that says one of these is away
  std::string memory_code = "HF-ENG-10";   ///< of the one that says that memory is too short for the least it can run
  std::optional<TinyInference> inference;  ///< what it is asked to know that it works; none: its files are looked at
  inference::Policy asked;
  milliseconds start_max{60'000};          ///< until it must have said that it is ready
  milliseconds idle_release{300'000};      ///< without work: then it is stopped, to free its memory; 0: never
  /// One that refused to start is tried again after this long though none of its files changed: what kept it
  /// away may have been something else.
  milliseconds try_again{600'000};
  BackoffPolicy restart{.base = milliseconds{500}, .ceiling = milliseconds{30'000}};
};

/// How a piece of work left its worker.
enum class WorkEnd : std::uint8_t {
  answered,  ///< with a result or a refusal
  dropped,   ///< nobody wants the rest
  died,      ///< crashed, hung, or broke the protocol
};

/// One worker process that is started when it is needed, kept, and started anew after its death. Used by one
/// piece of work at a time. The start after one death is immediate, since most deaths are one file's fault; those
/// after further ones in a row, and after a start that failed, come after pauses that grow.
class ResidentWorker : public std::enable_shared_from_this<ResidentWorker> {
 public:
  struct Deps {
    asio::any_io_executor executor;
    Clock& clock;
    Entropy& entropy;
  };
  ResidentWorker(Deps deps, ResidentConfig config);

  /// Takes it for work (`item`: whose; empty: of none), or says that it is taken.
  bool claim(ItemId item);
  /// The same, to find out how it is.
  bool claim_to_check();
  /// Gives it back. A worker that has not answered is stopped: killing is the one way that always works.
  void release(WorkEnd end);

  /// Starts the process unless it runs, after the pause that earlier deaths have earned it.
  /// Errors: dependency (program away, or what the worker itself says it lacks), transient kWorkerHung,
  /// HF-ENG-07, resource kOutOfMemory, canceled.
  Task<Result<void>> make_ready();
  /// Errors: as FrameChannel. A death is described by how the process ended and its last line of standard
  /// error; one for want of memory is resource kOutOfMemory.
  Task<Result<void>> send(std::string frame, UniqueFd input, MonoTime deadline);
  Task<Result<std::string>> receive(MonoTime deadline);

  void stop();
  /// Its process ends; whoever waits for an answer hears of its death.
  void kill();
  /// From its next start on.
  void use(std::vector<std::string> command) { command_ = std::move(command); }
  [[nodiscard]] bool claimed() const { return claimed_; }
  /// It is claimed to find out how it is.
  [[nodiscard]] bool checking() const { return claimed_ && checking_; }
  [[nodiscard]] WorkerStatus status(WorkerKind kind) const;
  [[nodiscard]] const ResidentConfig& config() const noexcept { return config_; }

 private:
  [[nodiscard]] bool alive() const;
  Task<Result<void>> start();
  Task<Result<void>> greet();
  /// What to say instead of `error`, a death: how it came about. Awaiting anything more after a cancellation
  /// throws, so this is asked only without one.
  Task<Error> explain(Error error);
  /// The error that ends the attempt to start it: counted, and with the right code.
  Error start_failed(Error error);
  void schedule_release();
  /// The next start waits as the `failures_count`-th failure in a row deserves; 0: not at all.
  void back_off(unsigned failures_count);

  Deps deps_;
  ResidentConfig config_;
  std::vector<std::string> command_;
  asio::steady_timer idle_timer_;
  std::unique_ptr<ChildProcess> child_;
  std::unique_ptr<FrameChannel> channel_;
  ItemId item_;
  bool claimed_ = false;
  bool checking_ = false;  ///< what it is claimed for
  bool greeted_ = false;
  std::uint64_t oom_kills_ = 0;  ///< before its start, or before it was claimed last
  unsigned deaths_ = 0;  ///< in a row, without any work finished
  MonoTime not_before_{};
};

}  // namespace holdfast
