#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace holdfast::fragrance {

/// What a word of a request speaks of.
enum class Topic : std::uint8_t {
  style,       ///< names a style: `means` is the style
  family,      ///< names a family of notes: `means` is the family
  note,        ///< names a note: `means` is its family
  mood,        ///< a season, time, place or mood: `means` is the style that fits, `value` what it adds to intensity
  intensity,   ///< `value` 0..1
  complexity,  ///< `value` 0..1
  category     ///< names a kind of product: `means` is the category
};

struct Term {
  Topic topic{};
  std::string_view means;
  double value = 0;
};

/// A term of at most so many words.
inline constexpr std::size_t kTermWordsMax = 4;

/// What these words (lower case, one blank between two) mean, or nullptr. A plural is found as its singular. `name`
/// receives the words as the vocabulary has them.
const Term* find_term(std::string_view words, std::string_view* name = nullptr);

}  // namespace holdfast::fragrance
