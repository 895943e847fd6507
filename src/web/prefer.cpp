#include "web/prefer.hpp"

#include <algorithm>
#include <charconv>

#include "web/header_value.hpp"

namespace holdfast::web {

std::optional<int> wait_of(std::string_view prefer) {
  const std::string field{prefer};
  std::optional<int> wait;
  for (const std::string_view preference : list_elements(field)) {
    if (preference == "respond-async" && !wait) wait = 0;
    if (!preference.starts_with("wait=")) continue;
    int seconds = 0;
    const auto digits = preference.substr(5);
    const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), seconds);
    if (problem == std::errc{} && end == digits.data() + digits.size()) wait = std::clamp(seconds, 0, kWaitMax);
  }
  return wait;
}

}  // namespace holdfast::web
