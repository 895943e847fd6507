#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace holdfast {

/// The candidate that `word` was probably meant to be; empty when none is near enough.
[[nodiscard]] std::string suggest(std::string_view word, const std::vector<std::string>& candidates);

/// "; did you mean NAME?", or nothing when no candidate is near enough.
[[nodiscard]] std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace holdfast
