#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/base/time.hpp"

/// Which of several ways to run a worker is used now that memory may be short, as a value. Step 0 is what was
/// configured; each further step needs less memory and gives less. Running out of memory takes one step down; after a
/// while with enough free memory one step up is tried, and each try that ends in running out doubles that while.
namespace holdfast::ladder {

struct Step {
  std::uint64_t needs_bytes = 0;  ///< of memory, roughly; 0: not known
  bool usable = true;             ///< what it needs besides memory is there
};

struct Policy {
  milliseconds up_after{600'000};  ///< so long nothing larger is tried
  unsigned doublings_max = 4;      ///< of it, after tries that ran out
  unsigned spare_percent = 25;     ///< so much more than a step needs has to be free before it is tried
};

struct Ladder {
  std::size_t step = 0;
  MonoTime up_at{};      ///< nothing larger is tried before
  unsigned relapses = 0;  ///< tries of something larger in a row that ran out
  bool trying = false;   ///< this step was climbed to, and no work has ended well on it yet
};

/// Memory ran out, or the step cannot be used. The same step: there is none below that is usable, so this is the least
/// there is, and whoever asked has to wait for memory.
[[nodiscard]] Ladder fallen(Ladder ladder, const std::vector<Step>& steps, const Policy& policy, MonoTime now);

/// A piece of work ended well: what was climbed to holds.
[[nodiscard]] Ladder proven(Ladder ladder);

/// The ladder one usable step up, to be tried; nothing: not now. `free_bytes`: nothing where nobody can say, then time
/// alone decides.
[[nodiscard]] std::optional<Ladder> climbed(const Ladder& ladder, const std::vector<Step>& steps, const Policy& policy,
                                            std::optional<std::uint64_t> free_bytes, MonoTime now);

}  // namespace holdfast::ladder
