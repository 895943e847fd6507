#pragma once

#include <cstdint>

namespace holdfast::sim {

/// How a process came to its end: alone, or with the whole machine.
enum class Death : std::uint8_t {
  process,  ///< killed, or stopped by itself: what it wrote stays in the system's cache
  machine,  ///< power cut: what was not synced may be gone, in any part
};

}  // namespace holdfast::sim
