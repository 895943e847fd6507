#pragma once

#include <string_view>

#include "core/base/time.hpp"

namespace holdfast::sim {

/// The ways in which a service can fail to answer. `slow`: it works, but questions after it are answered too late.
/// `flapping`: it comes and goes.
enum class Manner : std::uint8_t { away, slow, flapping };

/// One service's trouble: from when until when, and how.
struct ServiceTrouble {
  MonoTime from{};
  MonoTime until{};
  Manner manner = Manner::away;
  milliseconds period{1};  ///< flapping: how long it is away, and how long it is back

  [[nodiscard]] bool is_over(MonoTime now) const { return now < from || now >= until; }
  /// Work that needs it cannot be done now.
  [[nodiscard]] bool away(MonoTime now) const {
    if (is_over(now) || manner == Manner::slow) return false;
    return manner == Manner::away || (now - from) / period % 2 == 0;
  }
  /// A question after it would be answered too late.
  [[nodiscard]] bool slow(MonoTime now) const { return !is_over(now) && manner == Manner::slow; }
  /// Nothing of it is left since then. Only of use while it is neither away nor slow.
  [[nodiscard]] MonoTime over_since(MonoTime now) const {
    if (now < until && manner == Manner::flapping) return from + (now - from) / period * period;
    return now < from ? MonoTime{} : until;
  }
};

/// So long somebody who asks waits for an answer.
inline constexpr milliseconds kProbePatience{5'000};

}  // namespace holdfast::sim
