#include "core/ladder/death.hpp"

#include <algorithm>
#include <array>
#include <csignal>

namespace holdfast::ladder {
namespace {

/// What whisper.cpp, llama.cpp and the C++ library say when they get no memory, the last one for a thread's.
bool speaks_of_memory(std::string_view words) {
  constexpr std::array<std::string_view, 6> kWords{"insufficient memory", "failed to allocate",
                                                   "unable to allocate",  "bad_alloc",
                                                   "Cannot allocate memory", "Resource temporarily unavailable"};
  return std::ranges::any_of(kWords, [words](std::string_view one) { return words.contains(one); });
}

/// Nine tenths of the limit: the piece that did not fit any more was never held.
bool near_limit(const Death& death) {
  return death.limit_bytes > 0 && death.peak_bytes >= death.limit_bytes / 10 * 9;
}

}  // namespace

bool of_memory(const Death& death) {
  if (death.by_us || (death.signal == 0 && death.code == 0)) return false;
  if (death.signal == SIGKILL && death.oom_killed) return true;
  return speaks_of_memory(death.last_words) || (death.signal != 0 && near_limit(death));
}

}  // namespace holdfast::ladder
