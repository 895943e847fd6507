#pragma once

#include <cstdint>
#include <string_view>

namespace holdfast::ladder {

/// What is known of how a worker process ended.
struct Death {
  int signal = 0;               ///< that ended it; 0: it ended by itself
  int code = 0;                 ///< where it ended by itself
  bool by_us = false;           ///< we killed it
  bool oom_killed = false;      ///< the kernel has ended somebody for memory meanwhile
  std::uint64_t peak_bytes = 0;  ///< the most memory that it held; 0: not known
  std::uint64_t limit_bytes = 0;  ///< of its memory; 0: none
  std::string_view last_words;    ///< the end of its standard error
};

/// Whether it ended because memory ran out. An engine that gets no memory rarely says so in words of ours: it aborts
/// or reads from nowhere right after its own message, and whom the kernel picks says nothing at all.
[[nodiscard]] bool of_memory(const Death& death);

}  // namespace holdfast::ladder
