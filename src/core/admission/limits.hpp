#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/admission/watermark.hpp"
#include "core/base/result.hpp"
#include "core/base/time.hpp"

namespace holdfast::admission {

/// How much may be taken and started. Adjustable while running.
struct Limits {
  Watermarks work{.close_below = 0.20, .open_above = 0.50};     ///< of memory: new tasks (LAB_7)
  Watermarks uploads{.close_below = 0.10, .open_above = 0.15};  ///< of memory: new uploads (LAB_8)
  unsigned active_users_max = 0;  ///< users with unfinished items (LAB_11); 0: no limit
  unsigned waiting_max = 10'000;  ///< items that wait for one bulkhead (FG_9); 0: no limit
  std::map<std::string, unsigned> waiting_max_of;  ///< the same for single bulkheads; stronger
};

/// How fast new work is begun.
enum class Pace : std::uint8_t { full, one_at_a_time, none };

/// A closed gate begins nothing, but not for ever: on a machine that other programs keep full the upper mark may never
/// be reached. After kPatience one item at a time is begun, so that the queue moves.
inline constexpr milliseconds kPatience = std::chrono::minutes{10};
[[nodiscard]] constexpr Pace pace_of(Gate work, milliseconds closed_for) {
  if (work == Gate::open) return Pace::full;
  return closed_for < kPatience ? Pace::none : Pace::one_at_a_time;
}

/// Errors: invalid HF-ADM-04 (marks out of order or outside 0..1, a name that is no bulkhead).
Result<void> check(const Limits& limits, const std::set<std::string>& bulkheads);

/// What is there already when somebody asks to be let in.
struct Load {
  Gate uploads = Gate::open;
  std::set<std::string> active_users;
  std::map<std::string, std::uint64_t> waiting;  ///< by bulkhead
};

/// May this user bring one more item that will wait for these bulkheads? Errors: overloaded HF-ADM-01 (memory),
/// HF-ADM-02 (queue full; fact `queue_size`), HF-ADM-03 (too many users at once).
Result<void> admit(const Limits& limits, const Load& load, const std::string& owner,
                   const std::vector<std::string>& bulkheads);

}  // namespace holdfast::admission
