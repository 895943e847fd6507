#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>

#include "core/base/time.hpp"

namespace holdfast::alert {

/// What is counted and looked back at. All but `failed_items` only grow, as long as the process lives.
struct Counters {
  struct Attempts {
    std::uint64_t ended = 0;
    std::uint64_t failed = 0;  ///< of those
  };
  std::map<std::string, Attempts> attempts{};  ///< by kind of stage
  std::uint64_t requests = 0;
  std::uint64_t errors = 0;  ///< requests that were answered with an error of ours
  std::uint64_t queue_refusals = 0;
  std::uint64_t cache_hits = 0;
  std::uint64_t cache_misses = 0;
  std::optional<std::uint64_t> failed_items{};  ///< there are now; nothing: the store did not say
};

/// What the server knows of itself at one moment.
struct Figures {
  Counters counters{};
  std::map<std::string, std::optional<bool>> services_up{};  ///< nothing: nobody has looked yet
  std::map<std::string, bool> breakers_open{};
  std::optional<std::map<std::string, std::uint64_t>> waiting{};  ///< by pool; nothing: the store did not say
  std::optional<std::uint64_t> free_bytes{};
  std::map<std::string, bool> last_resorts{};  ///< recipes that have one: do they stand in it?
  bool work_paused = false;
  bool uploads_refused = false;
  unsigned workers_added = 0;  ///< beyond those there are otherwise
  std::uint64_t spool_records = 0;
  std::uint64_t spool_limit = 0;  ///< as configured; 0: as the rule says
};

/// The counters of the last hour, at most kMomentsMax moments of them.
class History {
 public:
  /// Forgets what is older than `reach`, but for one moment.
  void add(MonoTime at, Counters counters, milliseconds reach);
  /// The newest moment that is at least so old, else the oldest there is. Needs one `add` before.
  [[nodiscard]] const Counters& before(milliseconds over) const;
  /// Does it reach so far back?
  [[nodiscard]] bool covers(milliseconds over) const;

  static constexpr std::size_t kMomentsMax = 512;

 private:
  struct Moment {
    MonoTime at{};
    Counters counters{};
  };
  std::deque<Moment> moments_;  ///< oldest first
};

}  // namespace holdfast::alert
