#include <algorithm>
#include <array>

#include "core/base/digit.hpp"
#include "core/grounding/clean.hpp"
#include "core/memory/grounded.hpp"

namespace holdfast::memory {
namespace {

/// What has a full stop and ends no sentence.
constexpr auto kAbbreviations = std::to_array<std::string_view>(
    {"ca", "dr", "eg", "etc", "ie", "jr", "mr", "mrs", "ms", "no", "prof", "sr", "st", "vs"});
static_assert(std::ranges::is_sorted(kAbbreviations), "is_abbreviation searches by halves");

bool says_nothing(std::string_view piece) {
  const auto words = grounding::compared_words(piece);
  return std::ranges::all_of(words, [](const auto& word) {
    return std::ranges::all_of(word.text, [](char letter) { return is_digit(letter) || letter == '.'; });
  });
}

/// Whether a full stop after this ends the sentence: not after "Mr", nor after a number ("on the 3. May"), unless that
/// is all there is ("1.").
bool ends_here(std::string_view before) {
  const auto words = grounding::compared_words(before);
  if (words.empty() || says_nothing(before)) return true;
  return !words.back().has_digit && !std::ranges::binary_search(kAbbreviations, words.back().text);
}

bool is_end(std::string_view text, std::size_t at) {
  const bool last = at + 1 == text.size() || text[at + 1] == ' ';
  if (!last || (text[at] != '.' && text[at] != '!' && text[at] != '?')) return false;
  return text[at] != '.' || at + 1 == text.size() || ends_here(text.substr(0, at));
}

}  // namespace

std::vector<std::string> sentences_of(std::string_view text) {
  const std::string whole =
      grounding::whole_sentences(grounding::before_markup(grounding::clean_text(text, kTextCharactersMax)));
  std::vector<std::string> sentences;
  std::string_view rest = whole;
  while (!rest.empty()) {
    std::size_t length = 1;
    while (length < rest.size() && !is_end(rest, length - 1)) ++length;
    const std::string_view sentence = rest.substr(0, length);
    if (!says_nothing(sentence)) sentences.emplace_back(sentence);
    rest.remove_prefix(std::min(length + 1, rest.size()));  // with the blank behind it
  }
  return sentences;
}

}  // namespace holdfast::memory
