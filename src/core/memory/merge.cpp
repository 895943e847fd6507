#include <algorithm>

#include "core/grounding/utf8.hpp"
#include "core/memory/grounded.hpp"
#include "core/memory/names.hpp"

namespace holdfast::memory {
namespace {

using grounding::ComparedWord;
using Words = std::vector<ComparedWord>;

constexpr double kSameShare = 0.8;  ///< of the shorter one's telling words
constexpr std::size_t kTitleCharactersMax = 60;

Words telling(std::string_view text) {
  Words words = grounding::compared_words(text);
  if (!words.empty()) words.front().capitalised = false;  // any sentence begins so
  std::erase_if(words, [](const ComparedWord& word) { return grounding::is_function_word(word.text); });
  return words;
}

bool holds(const Words& words, const ComparedWord& word) {
  return std::ranges::any_of(words, [&](const ComparedWord& other) { return grounding::same_word(word, other); });
}

/// Whether nothing that is right or wrong, a number or a name, sets the shorter one apart.
bool agrees(const Words& shorter, const Words& longer) {
  return std::ranges::all_of(shorter, [&](const ComparedWord& word) {
    return !(word.has_digit || word.capitalised) || holds(longer, word);
  });
}

bool differs(const std::string& left, const std::string& right) {
  return !left.empty() && !right.empty() && grounding::compared_words(left) != grounding::compared_words(right);
}

bool denies(const Extraction& one) { return says_no(grounding::compared_words(one.text)); }

bool says_the_same(const Extraction& left, const Extraction& right) {
  if (denies(left) != denies(right)) return false;
  if (left.kind != right.kind || differs(left.owner, right.owner) || differs(left.due, right.due)) return false;
  Words shorter = telling(left.text);
  Words longer = telling(right.text);
  if (shorter.size() > longer.size()) std::swap(shorter, longer);
  if (shorter.empty()) return longer.empty() && left.text == right.text;
  if (!agrees(shorter, longer)) return false;
  const auto shared = std::ranges::count_if(shorter, [&](const ComparedWord& word) { return holds(longer, word); });
  return static_cast<double>(shared) >= kSameShare * static_cast<double>(shorter.size());
}

void add_names(std::vector<std::string>& there, std::vector<std::string> more) {
  for (std::string& name : more) {
    const bool known = std::ranges::find(there, name) != there.end();
    if (!known && there.size() < kNamesMax) there.push_back(std::move(name));
  }
}

void join(Extraction& there, Extraction more) {
  add_names(there.people, std::move(more.people));
  add_names(there.places, std::move(more.places));
  if (more.text.size() > there.text.size()) there.text = std::move(more.text);
  if (there.owner.empty()) there.owner = std::move(more.owner);
  if (there.due.empty()) there.due = std::move(more.due);
  there.confidence = std::max(there.confidence, more.confidence);
  there.segments.insert(there.segments.end(), more.segments.begin(), more.segments.end());
  std::ranges::sort(there.segments);
  const auto repeated = std::ranges::unique(there.segments);
  there.segments.erase(repeated.begin(), repeated.end());
}

}  // namespace

std::size_t add_new(std::vector<Extraction>& there, std::vector<Extraction> more, std::size_t count_max) {
  std::size_t without_room = 0;
  for (Extraction& one : more) {
    const auto same = std::ranges::find_if(there, [&](const Extraction& other) { return says_the_same(other, one); });
    if (same != there.end()) {
      join(*same, std::move(one));
    } else if (there.size() < count_max) {
      there.push_back(std::move(one));
    } else {
      ++without_room;
    }
  }
  return without_room;
}

std::string title_of(std::string_view first_words) {
  std::string title;
  std::size_t whole_words = 0;  // bytes of the title up to the last blank
  std::size_t characters = 0;
  while (!first_words.empty()) {
    const char32_t character = grounding::take_character(first_words);
    if (++characters > kTitleCharactersMax) {
      if (whole_words > 0 && character != U' ') title.resize(whole_words);
      return title + "...";
    }
    if (character == U' ') whole_words = title.size();
    grounding::put_character(title, character);
  }
  return title;
}

}  // namespace holdfast::memory
