#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace holdfast::grounding {

/// A word as it is compared: lower case, without accents' case, apostrophes and punctuation.
struct ComparedWord {
  std::string text;
  bool has_digit = false;
  bool capitalised = false;  ///< as it was written: a hint at a name

  friend bool operator==(const ComparedWord&, const ComparedWord&) = default;
};

/// The words of a text in order. Each Chinese, Japanese or Korean character is a word by itself, as these are
/// written without blanks. "don't" is one word, "well-known" two, "3.5" one, "3,500" is "3500".
std::vector<ComparedWord> compared_words(std::string_view text);

/// Words that carry no evidence: "the", "and", "of". English only; in other languages such words count, which
/// makes the check stricter and never laxer.
bool is_function_word(std::string_view word);

/// The same word, allowing for a small ending: "study" and "studies", "German" and "Germans". A word with a
/// digit must be the same exactly.
bool same_word(const ComparedWord& left, const ComparedWord& right);

}  // namespace holdfast::grounding
