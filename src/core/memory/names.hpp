#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/memory/grounded.hpp"

namespace holdfast::memory {

inline constexpr std::size_t kNamesMax = 8;  ///< of people, and of places, in one sentence

struct Names {
  std::vector<std::string> people;
  std::vector<std::string> places;
};

/// Names of people and places in a sentence that was found to be said in these lines, each once and as it is written.
/// A name is written with a capital letter, both here and in the lines, and stands beside a word that tells what it is
/// the name of: "call Anna", "my sister Maria", "Ben will bring", "lives in Hamburg", "flies to Rome". Whatever stands
/// alone is not taken for a name: rather one too few than one that is none. English, and some German.
Names names_in(std::string_view text, std::string_view owner, std::span<const SaidLine> lines);

}  // namespace holdfast::memory
