#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "core/base/result.hpp"
#include "core/base/time.hpp"

namespace holdfast::openai {

/// What a Retry-After field says; nothing: it is no number of seconds (a date, or nonsense).
[[nodiscard]] std::optional<milliseconds> seconds_in(std::string_view text);

/// How an endpoint answers to work. One that is there and refuses is left alone for as long as it asks, or for
/// longer and longer: until then nothing is sent, and a probe does not call it back although it lists its
/// models.
class Standing {
 public:
  using Clock = std::chrono::steady_clock;

  /// `retry_after` as the endpoint wrote it; seconds are heeded, up to kRestMax.
  void refused(const Error& error, std::string_view retry_after, Clock::time_point now);
  void served() { *this = {}; }
  /// Errors: what it refused with, while it is left alone.
  [[nodiscard]] Result<void> check(Clock::time_point now) const;

  static constexpr milliseconds kRestMin{5'000};
  static constexpr milliseconds kRestMax{600'000};

 private:
  std::optional<Error> error_;
  Clock::time_point until_{};
  unsigned refusals_ = 0;  ///< in a row
};

}  // namespace holdfast::openai
