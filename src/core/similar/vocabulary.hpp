#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

/// Words of which it is known what they do to a request. English; a word that is not here says something of its own.
namespace holdfast::similar {

enum class WordKind : std::uint8_t {
  name,      ///< of something that can be asked for: a note, a person, an occasion
  category,  ///< of a product
  pole,      ///< one end of something that has opposite ends
  denial,    ///< "without", "never", "hates"
  only,      ///< nothing beside it
  order,     ///< says that it matters what comes before what
  number,    ///< written as a word
  unit,      ///< of what a number counts
  filler,    ///< says nothing: "please", "some kind of"
};

struct Meaning {
  WordKind kind = WordKind::filler;
  unsigned group = 0;  ///< words of one kind and group mean the same; of poles: what they are the ends of
  unsigned pole = 0;   ///< which end
};

/// Nothing: the word is not here. A plural finds its singular. `word` as compared_words gives it.
[[nodiscard]] const std::vector<Meaning>& meanings_of(std::string_view word);

/// What a number written as a word is in digits, and a unit by its usual name; the word itself: it is neither.
[[nodiscard]] std::string_view canonical_number(std::string_view word);
[[nodiscard]] std::string_view canonical_unit(std::string_view word);

}  // namespace holdfast::similar
