#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/fragrance/mentions.hpp"

namespace holdfast::fragrance {

struct StatedNumber {
  double value = 0;  ///< 0..1 where it is usable
  bool usable = false;
  std::string written{};
};

/// The number that a text gives for a word: "intensity 0.7", "intensity of 70%", "intensity: 7/10", "7 out of 10
/// intensity". The first one counts. Nothing: it gives none.
std::optional<StatedNumber> number_for(const Tokens& tokens, std::string_view word);

}  // namespace holdfast::fragrance
