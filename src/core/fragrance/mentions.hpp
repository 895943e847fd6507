#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/fragrance/vocabulary.hpp"

/// What a request in words speaks of, and whether it wants it or not. English.
namespace holdfast::fragrance {

/// A word in lower case, a number ("0.7", "-1"), or one of "," "." "%" "/": where a list goes on and a sentence ends.
using Tokens = std::vector<std::string>;
/// So much of a text is looked at.
inline constexpr std::size_t kTokensMax = 20'000;
Tokens tokens_of(std::string_view text);

/// How much a thing is wanted if nothing is said of that.
inline constexpr double kWanted = 0.8;
inline constexpr double kWantedALittle = 0.3;
inline constexpr double kWantedALot = 1.0;

/// A term of the vocabulary where it stands in a text.
struct Mention {
  const Term* term = nullptr;
  std::string_view name;      ///< as the vocabulary has it
  std::size_t begin = 0;      ///< its first token
  std::size_t end = 0;        ///< behind its last
  bool unwanted = false;      ///< "without vanilla", "no musk or rose", "vanilla-free"
  double wanted = kWanted;    ///< "a touch of", "lots of"; 0 if unwanted
};

/// All mentions in order; longer terms go before shorter ones ("orange blossom" is no orange).
std::vector<Mention> mentions_of(const Tokens& tokens);

}  // namespace holdfast::fragrance
