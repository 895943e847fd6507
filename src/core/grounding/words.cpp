#include "core/grounding/words.hpp"

#include <algorithm>
#include <array>

#include "core/grounding/utf8.hpp"

namespace holdfast::grounding {
namespace {

/// Upper to lower case for Latin, Greek, Cyrillic and Armenian; every other script has no case or keeps it.
char32_t lower(char32_t c) {
  if (within(c, 'A', 'Z')) return c + 32;
  if (within(c, 0xc0, 0xde) && c != 0xd7) return c + 32;
  const bool even_is_upper = within(c, 0x100, 0x137) || within(c, 0x14a, 0x177) ||
                             within(c, 0x1e00, 0x1eff) || within(c, 0x460, 0x481) ||
                             within(c, 0x48a, 0x4bf) || within(c, 0x4d0, 0x52f);
  if (even_is_upper) return c | 1U;
  const bool odd_is_upper = within(c, 0x139, 0x148) || within(c, 0x179, 0x17e) || within(c, 0x4c1, 0x4ce);
  if (odd_is_upper) return (c & 1U) != 0 ? c + 1 : c;
  if (within(c, 0x391, 0x3a9)) return c + 32;
  if (within(c, 0x410, 0x42f)) return c + 32;
  if (within(c, 0x400, 0x40f)) return c + 80;
  if (within(c, 0x531, 0x556)) return c + 48;
  return c;
}

bool digit(char32_t c) { return within(c, '0', '9'); }

bool apostrophe(char32_t c) { return c == '\'' || c == 0x2019 || c == 0x2bc; }

/// Beyond ASCII everything counts as a letter that is not known to be punctuation, a symbol or a blank.
bool letter(char32_t c) {
  if (c < 0x80) return within(c, 'a', 'z') || within(c, 'A', 'Z') || digit(c);
  return !(within(c, 0x80, 0xbf) && c != 0xaa && c != 0xb5 && c != 0xba) && c != 0xd7 && c != 0xf7 &&
         !within(c, 0x2000, 0x2bff) && !within(c, 0x3000, 0x3004) && !within(c, 0x3007, 0x3020) &&
         !within(c, 0xe000, 0xf8ff) && !within(c, 0xfe10, 0xfe6f) && !within(c, 0xff00, 0xff0f) &&
         !within(c, 0xff1a, 0xff20) && !within(c, 0xff3b, 0xff40) && !within(c, 0xff5b, 0xff65) &&
         c < 0x1f000;
}

bool word_by_itself(char32_t c) {
  return within(c, 0x3040, 0x30ff) || within(c, 0x3400, 0x4dbf) || within(c, 0x4e00, 0x9fff) ||
         within(c, 0xf900, 0xfaff) || within(c, 0x20000, 0x3ffff);
}

class Splitter {
 public:
  std::vector<ComparedWord> split(std::string_view text) {
    while (!text.empty()) take(take_character(text), text);
    close();
    return std::move(words_);
  }

 private:
  void take(char32_t c, std::string_view rest) {
    if (word_by_itself(c)) {
      close();
      add(c);
      close();
    } else if (letter(c)) {
      add(c);
    } else if (apostrophe(c) && !word_.text.empty()) {
      return;
    } else if ((c == '.' || c == ',') && inside_number(rest)) {
      if (c == '.') word_.text += '.';
    } else {
      close();
    }
  }
  [[nodiscard]] bool inside_number(std::string_view rest) const {
    const auto is_digit = [](char byte) { return byte >= '0' && byte <= '9'; };
    return !word_.text.empty() && is_digit(word_.text.back()) && !rest.empty() && is_digit(rest.front());
  }
  void add(char32_t c) {
    const char32_t small = lower(c);
    if (word_.text.empty()) word_.capitalised = small != c;
    word_.has_digit = word_.has_digit || digit(c);
    put_character(word_.text, small);
  }
  void close() {
    if (!word_.text.empty()) words_.push_back(std::move(word_));
    word_ = {};
  }

  std::vector<ComparedWord> words_;
  ComparedWord word_;
};

constexpr auto kFunctionWords = std::to_array<std::string_view>(
    {"a",   "about", "also", "am",   "an",   "and",   "are",   "as",   "at",   "be",   "been", "but", "by",
     "can", "do",    "does", "for",  "from", "had",   "has",   "have", "he",   "her",  "him",  "his", "i",
     "im",  "in",    "is",   "it",   "its",  "me",    "my",    "of",   "on",   "or",   "our",  "out", "she",
     "so",  "some",  "than", "that", "the",  "their", "them",  "then", "they", "this", "to",   "too", "up",
     "was", "we",    "were", "who",  "will", "with",  "would", "you",  "your", "yours"});

static_assert(std::ranges::is_sorted(kFunctionWords), "is_function_word searches by halves");

constexpr std::size_t kStemMin = 4;
constexpr std::size_t kEndingMax = 3;

bool has_ending(std::string_view word, std::string_view stem) {
  return stem.size() >= kStemMin && word.starts_with(stem) && word.size() - stem.size() <= kEndingMax;
}

/// Takes off one of the commonest English endings, if enough is left: studies, studying and study become
/// "stud".
std::string_view light_stem(std::string_view word) {
  for (const std::string_view ending : {"ying", "ies", "ied", "ing", "ed", "es", "s", "y", "e"}) {
    if (word.ends_with(ending) && word.size() >= kStemMin + ending.size()) {
      return word.substr(0, word.size() - ending.size());
    }
  }
  return word;
}

}  // namespace

std::vector<ComparedWord> compared_words(std::string_view text) { return Splitter{}.split(text); }

bool is_function_word(std::string_view word) { return std::ranges::binary_search(kFunctionWords, word); }

bool same_word(const ComparedWord& left, const ComparedWord& right) {
  if (left.text == right.text) return true;
  if (left.has_digit || right.has_digit) return false;
  return has_ending(left.text, right.text) || has_ending(right.text, left.text) ||
         light_stem(left.text) == light_stem(right.text);
}

}  // namespace holdfast::grounding
