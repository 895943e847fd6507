#pragma once

#include <limits>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/ladder/ladder.hpp"
#include "sim/ladder_books.hpp"
#include "sim/scenario.hpp"
#include "sim/sim_clock.hpp"
#include "sim/worker_room.hpp"

namespace holdfast::sim {

/// What is said of everything that was made with less.
inline constexpr std::string_view kWithLess = "with less, because memory was short";

/// The place of what is made of a whole recording.
inline constexpr std::int64_t kWholeRecording = std::numeric_limits<std::int64_t>::max();

/// How the speech worker of one node is run, as the server's pool runs it over the same core/ladder: it falls when
/// memory runs out, climbs when it is time, and refuses where not even the least has room.
class SpeechLadder {
 public:
  struct Parts {
    const Scenario& scenario;
    const WorkerRoom& room;
    SimClock& clock;
    LadderBooks& books;
    Coverage& coverage;
    int node;
  };
  explicit SpeechLadder(Parts parts);

  /// Loads the model, one with less where there is no room for more. Errors: dependency HF-ENG-10 (for none).
  Result<void> make_ready();
  /// A step of work. Errors: resource kOutOfMemory, or what a planted bug makes of it.
  Result<void> work();
  /// All of it is done.
  void worked();
  /// A piece of work begins, or ends: well, or with its process.
  void begin() { at_work_ = true; }
  void end(bool well) {
    at_work_ = false;
    loaded_ = loaded_ && well;
  }
  /// Errors: dependency HF-ENG-10.
  Result<void> probe();
  /// Empty: it runs as configured.
  [[nodiscard]] std::string warning() const;
  [[nodiscard]] bool with_less() const { return state_.step > 0; }
  /// Whether the next piece of work would be.
  [[nodiscard]] bool would_have_less() const;
  [[nodiscard]] bool hides_less() const { return parts_.scenario.bugs.ladder.hides_less; }

  static constexpr std::uint64_t kLeast = 90 * kMegabyte;  ///< to load the smallest

 private:
  [[nodiscard]] std::optional<std::uint64_t> free() const;
  [[nodiscard]] bool refuses() const;
  [[nodiscard]] Result<void> refused() const;
  bool fits(std::uint64_t bytes) const;
  void climb();
  bool fall();

  Parts parts_;
  std::vector<ladder::Step> steps_;
  ladder::Policy policy_;
  ladder::Ladder state_;
  bool loaded_ = false;
  bool at_work_ = false;
  std::optional<MonoTime> refuses_until_;
};

}  // namespace holdfast::sim
