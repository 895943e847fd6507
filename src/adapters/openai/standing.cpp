#include "adapters/openai/standing.hpp"

#include <algorithm>
#include <charconv>

namespace holdfast::openai {

std::optional<milliseconds> seconds_in(std::string_view text) {
  std::uint32_t seconds = 0;
  const auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (bad != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return milliseconds{1'000LL * seconds};
}

void Standing::refused(const Error& error, std::string_view retry_after, Clock::time_point now) {
  constexpr unsigned kDoublings = 7;  // far enough to reach kRestMax
  const milliseconds growing = kRestMin * (1U << std::min(refusals_, kDoublings));
  const milliseconds rest = seconds_in(retry_after).value_or(growing);
  error_ = error;
  until_ = now + std::clamp(rest, milliseconds{1'000}, kRestMax);
  ++refusals_;
}

Result<void> Standing::check(Clock::time_point now) const {
  if (error_ && now < until_) return std::unexpected{*error_};
  return {};
}

}  // namespace holdfast::openai
