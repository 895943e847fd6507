#pragma once

#include <set>

#include "ports/worker_pool.hpp"
#include "sim/admission_books.hpp"
#include "sim/checker.hpp"
#include "sim/coverage.hpp"
#include "sim/lease_books.hpp"
#include "sim/scenario.hpp"
#include "sim/service_trouble.hpp"
#include "sim/sim_blobs.hpp"
#include "sim/speech_ladder.hpp"
#include "sim/worker_room.hpp"

namespace holdfast::sim {

/// The mode in which one hypothesis is followed.
inline constexpr std::string_view kFastMode = "fast";

/// How an uploaded recording will behave. Written into its file name, so that any worker on any node knows
/// it.
struct Nature {
  std::string kind =
      "ok";  ///< ok, silent, bad (not media), poison (kills the speech worker at `poison_at_ms`)
  std::int64_t length_ms = 60'000;
  std::int64_t poison_at_ms = -1;
};
std::string to_name(const Nature& nature);
Nature nature_of(std::string_view name);

/// The transcript that an uninterrupted run gives: what every run must end with.
std::vector<Segment> expected_segments(const Nature& nature);
std::vector<Gap> expected_gaps(const Nature& nature);
/// What a gap is found to hold when it is heard again, if it is one of those that can be filled.
Segment filled_text(const Gap& gap);
[[nodiscard]] bool is_fill(const Segment& segment);

/// What the workers of a world share: whether the speech model is there, and how often work goes wrong.
struct WorkerFaults {
  double trouble = 0;
  MonoTime model_away_until{};
  double idles = 0;  ///< how often a worker gives signs of life and does nothing, or hangs before it begins
  Rng idle_dice{0};  ///< their own, so that a seed's other draws stay as they are
  std::map<WorkerKind, MonoTime> sick_until{};  ///< almost everything fails there
  std::map<WorkerKind, ServiceTrouble> trouble_with{};  ///< what such a worker needs is away, or slow to answer
  std::map<int, WorkerRoom> rooms{};  ///< of each node's speech worker
  Coverage* coverage = nullptr;

  /// What such a worker needs is away.
  [[nodiscard]] bool away(WorkerKind kind, MonoTime now) const;
  /// What it needs is there, but does not answer in time.
  [[nodiscard]] bool slow(WorkerKind kind, MonoTime now) const;
  /// Since when it has been there and has answered. Only of use while it is so.
  [[nodiscard]] MonoTime there_since(WorkerKind kind, MonoTime now) const;
};

/// Worker processes that crash, hang, repeat themselves, or work.
class SimWorkers final : public WorkerPool {
 public:
  SimWorkers(const Storage& storage, SimBlobs& blobs, SimClock& clock, Rng& rng, WorkerFaults& faults,
             Checker& checker, AdmissionBooks& admission, LeaseBooks& leases, LadderBooks& ladders,
             SpeechLadder& ladder, int node)
      : storage_{storage},
        blobs_{blobs},
        clock_{clock},
        rng_{rng},
        faults_{faults},
        checker_{checker},
        admission_{admission},
        leases_{leases},
        ladders_{ladders},
        ladder_{ladder},
        node_{node} {}

  Task<Result<std::unique_ptr<WorkRun>>> start(WorkRequest request) override;
  Task<Result<void>> probe(WorkerKind kind) override;
  bool has_less(WorkerKind kind, const std::string& /*role*/) override {
    return kind == WorkerKind::speech && ladder_.would_have_less();
  }
  std::vector<WorkerStatus> status() override { return {}; }

 private:
  class Run;
  bool idles();
  Task<Result<std::unique_ptr<WorkRun>>> hang_at_start(WorkRequest request);
  Task<Result<std::unique_ptr<WorkRun>>> start_run(WorkRequest request, std::uint64_t trial);
  void check_settings(const WorkRequest& request, const Job& job);
  bool sick(WorkerKind kind);

  const Storage& storage_;
  SimBlobs& blobs_;
  SimClock& clock_;
  Rng& rng_;
  WorkerFaults& faults_;
  Checker& checker_;
  AdmissionBooks& admission_;
  LeaseBooks& leases_;
  LadderBooks& ladders_;
  SpeechLadder& ladder_;
  int node_;
};

}  // namespace holdfast::sim
