#pragma once

#include <deque>
#include <optional>
#include <string>

#include "core/base/id.hpp"
#include "core/breaker/breaker.hpp"
#include "core/health/latencies.hpp"

namespace holdfast::guard {

enum class Health : std::uint8_t { unknown, up, down };
[[nodiscard]] std::string_view to_word(Health health);

/// What is to be known of a service before it is used.
struct ServiceConfig {
  std::string name{};       ///< "speech", "language/mistral", or a name of the configuration
  std::string probed_by{};  ///< whose probe tells of it as well; empty: its own
  bool breaks = false;    ///< work goes through a circuit breaker
  breaker::Policy policy{};
  milliseconds slow_after{0};  ///< a call that takes longer is slow; 0: none is
  unsigned misses_max = 2;     ///< probes in a row that fail before one that was up is down
};

/// One line of a service's history.
struct Change {
  WallTime at{};
  std::string what{};    ///< up, down, closed, open, half_open, gated
  std::string detail{};  ///< code of the failure, or "by hand"; may be empty
};

/// Something we stand on, as far as it is known.
struct Service {
  ServiceConfig config;
  Health health = Health::unknown;
  std::string code{};     ///< of the last probe that failed, while it is down
  std::string message{};  ///< as well
  WallTime checked_at{};
  milliseconds took{0};  ///< of the last probe
  unsigned misses = 0;   ///< probes in a row that failed
  Latencies probes{};
  Latencies calls{};
  breaker::Breaker breaker{};
  std::string failed_code{};  ///< of the last call that counted as a failure, or that asked us to wait
  ItemId failed_item{};       ///< whose work that was
  unsigned in_flight = 0;
  unsigned repeats_in_flight = 0;
  std::deque<Change> history{};  ///< oldest first, at most kHistoryMax
};
inline constexpr std::size_t kHistoryMax = 64;

/// Whether asking it would be in vain, as far as is known.
[[nodiscard]] inline bool is_away(const Service& service) {
  return service.health == Health::down || service.breaker.state == breaker::State::open;
}

}  // namespace holdfast::guard
