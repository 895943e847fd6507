#include "core/memory/search_words.hpp"

#include <algorithm>

#include "core/grounding/clean.hpp"
#include "core/grounding/utf8.hpp"
#include "core/grounding/words.hpp"

namespace holdfast::memory {
namespace {

using grounding::ComparedWord;
using Words = std::vector<ComparedWord>;

constexpr std::size_t kRequestCharacters = 4000;  ///< what stands beyond is not looked for
constexpr std::size_t kShownCharacters = 20'000;   ///< of a text that is shown in part
constexpr std::size_t kWordsBefore = 8;

std::vector<std::string> pieces_of(std::string_view raw, std::size_t characters_max) {
  const std::string text = grounding::clean_text(raw, characters_max);
  std::vector<std::string> pieces;
  std::string_view rest = text;
  while (!rest.empty()) {
    pieces.emplace_back(rest.substr(0, rest.find(' ')));
    rest.remove_prefix(std::min(pieces.back().size() + 1, rest.size()));
  }
  return pieces;
}

bool says_little(const std::string& piece) {
  return std::ranges::all_of(grounding::compared_words(piece),
                             [](const ComparedWord& word) { return grounding::is_function_word(word.text); });
}

/// As far as there is room, cut between two characters.
std::string shortened(std::string piece) {
  if (piece.size() <= kSearchWordBytes) return piece;
  std::size_t end = kSearchWordBytes;
  while (end > 0 && (static_cast<unsigned char>(piece[end]) & 0xc0U) == 0x80U) --end;
  piece.resize(end);
  return piece;
}

std::size_t characters_in(std::string_view text) {
  std::size_t count = 0;
  for (; !text.empty(); ++count) grounding::take_character(text);
  return count;
}

bool holds_one(const std::string& piece, const Words& wanted) {
  const Words there = grounding::compared_words(piece);
  return std::ranges::any_of(there, [&](const ComparedWord& word) {
    return std::ranges::any_of(wanted, [&](const ComparedWord& other) { return grounding::same_word(word, other); });
  });
}

}  // namespace

std::vector<std::string> search_words(std::string_view request) {
  std::vector<std::string> all = pieces_of(request, kRequestCharacters);
  std::erase_if(all, [](const std::string& piece) { return grounding::compared_words(piece).empty(); });
  if (!std::ranges::all_of(all, says_little)) std::erase_if(all, says_little);
  std::vector<std::string> words;
  for (std::string& piece : all) {
    std::string word = shortened(std::move(piece));
    if (words.size() < kSearchWordsMax && std::ranges::find(words, word) == words.end())
      words.push_back(std::move(word));
  }
  return words;
}

std::string snippet_of(std::string_view text, std::span<const std::string> words) {
  Words wanted;
  for (const std::string& word : words) std::ranges::move(grounding::compared_words(word), std::back_inserter(wanted));
  const auto pieces = pieces_of(text, kShownCharacters);
  const auto hit = std::ranges::find_if(pieces, [&](const std::string& piece) { return holds_one(piece, wanted); });
  const auto at = hit == pieces.end() ? 0 : static_cast<std::size_t>(hit - pieces.begin());
  std::size_t total = 0;
  for (const std::string& piece : pieces) total += characters_in(piece) + 1;
  const std::size_t first = total <= kSnippetCharacters ? 0 : at - std::min(at, kWordsBefore);
  std::string snippet = first > 0 ? "..." : "";
  std::size_t room = kSnippetCharacters;
  for (std::size_t number = first; number < pieces.size(); ++number) {
    const std::size_t size = characters_in(pieces[number]) + 1;
    if (size > room) return snippet + "...";
    room -= size;
    snippet += (number == first ? "" : " ") + pieces[number];
  }
  return snippet;
}

}  // namespace holdfast::memory
