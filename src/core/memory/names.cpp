#include "core/memory/names.hpp"

#include <algorithm>
#include <array>

#include "core/memory/date_words.hpp"

namespace holdfast::memory {
namespace {

using Tokens = std::vector<DateToken>;
template <std::size_t kCount>
using WordList = std::array<std::string_view, kCount>;

constexpr auto kTitles = std::to_array<std::string_view>({"mr", "mrs", "ms", "dr", "professor", "doctor", "aunt",
                                                          "uncle",
                                                          "herr", "herrn", "frau"});
constexpr auto kKin = std::to_array<std::string_view>(
    {"sister", "brother", "daughter", "son", "wife", "husband", "friend", "colleague", "boss", "teacher", "neighbour",
     "neighbor", "cousin", "partner", "manager", "named", "schwester", "bruder", "tochter", "sohn", "freund",
     "freundin", "kollege", "kollegin", "chef", "chefin"});
constexpr auto kBeforePeople = std::to_array<std::string_view>(
    {"call", "calls", "called", "tell", "tells", "told", "ask", "asks", "asked", "meet", "meets", "met", "email",
     "thank",
     "remind", "invite", "with", "help", "phone", "text", "pay", "anrufen", "fragen", "mit"});
/// What people do. Not "is", "has" or "was": a town is and has as well.
constexpr auto kAfterPeople = std::to_array<std::string_view>(
    {"said", "says", "wants", "want", "wanted", "needs", "asked", "asks", "told", "tells", "thinks", "promised",
     "brings",
     "brought", "called", "calls", "lives", "works", "likes", "agreed", "sends", "sent", "writes", "wrote", "sagt",
     "sagte", "will", "ruft", "bringt"});
constexpr auto kGiving = std::to_array<std::string_view>(
    {"send", "sends", "sent", "give", "gives", "gave", "bring", "write", "wrote", "talk", "talked", "speak", "spoke",
     "say",
     "show", "explain", "report", "reply", "lend", "return"});
constexpr auto kMoving = std::to_array<std::string_view>(
    {"go", "goes", "going", "went", "fly", "flies", "flew", "flying", "flight", "travel", "travels", "travelled",
     "drive",
     "drives", "drove", "move", "moves", "moved", "moving", "trip", "train", "bus", "ticket", "tickets", "relocate"});
constexpr auto kNoPlaces = std::to_array<std::string_view>(
    {"english", "german", "french", "spanish", "italian", "chinese", "japanese", "internet", "please", "deutsch",
     "englisch"});

template <std::size_t kCount>
bool among(const WordList<kCount>& words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

std::string_view word_at(const Tokens& tokens, std::size_t at) {
  return at < tokens.size() ? std::string_view{tokens[at].text} : std::string_view{};
}

bool heard_as_name(const DateToken& token, std::span<const SaidLine> lines) {
  return std::ranges::any_of(lines, [&](const SaidLine& line) {
    return std::ranges::any_of(line.words, [&](const grounding::ComparedWord& word) {
      const bool possessive = token.text == word.text + "s" || word.text == token.text + "s";
      return word.capitalised && (word.text == token.text || possessive);
    });
  });
}

/// Words that are written like names and are none: with a capital because a sentence begins with them, or always.
bool is_ordinary(std::string_view word) {
  if (among(kBeforePeople, word) || among(kGiving, word) || among(kMoving, word) || among(kKin, word)) return true;
  return weekday_of(word) || month_of(word) || among(kTitles, word) || among(kNoPlaces, word) ||
         grounding::is_function_word(word) || word == "i" || word == "today" || word == "tomorrow";
}

/// How many words from here on are one name: "New York", "Anna Keller".
std::size_t name_length(const Tokens& tokens, std::size_t at, std::span<const SaidLine> lines) {
  constexpr std::size_t kWordsMax = 3;
  std::size_t count = 0;
  while (count < kWordsMax && at + count < tokens.size()) {
    const DateToken& token = tokens[at + count];
    const bool follows = count == 0 || token.begin == tokens[at + count - 1].end + 1;
    if (!token.capitalised || token.number >= 0 || !follows || is_ordinary(token.text)) break;
    if (!heard_as_name(token, lines)) break;
    ++count;
  }
  return count;
}

bool said_before(const Tokens& tokens, std::size_t at, const auto& words) {
  return std::ranges::any_of(tokens.begin(), tokens.begin() + static_cast<std::ptrdiff_t>(at),
                             [&](const DateToken& token) { return among(words, token.text); });
}

bool is_person(const Tokens& tokens, std::size_t at, std::size_t count) {
  const auto before = at > 0 ? word_at(tokens, at - 1) : std::string_view{};
  const auto behind = word_at(tokens, at + count);
  if (among(kTitles, before) || among(kKin, before) || among(kBeforePeople, before)) return true;
  if (before == "is" && at > 1 && word_at(tokens, at - 2) == "name") return true;
  if (before == "to" && said_before(tokens, at, kGiving) && !said_before(tokens, at, kMoving)) return true;
  return among(kAfterPeople, behind) && before != "in" && word_at(tokens, at + count + 1) != "be";
}

bool is_place(const Tokens& tokens, std::size_t at) {
  const auto before = at > 0 ? word_at(tokens, at - 1) : std::string_view{};
  if (before == "in" || before == "near") return true;
  return (before == "to" || before == "from" || before == "nach") && said_before(tokens, at, kMoving);
}

void add(std::vector<std::string>& names, std::string name) {
  constexpr std::string_view kOwned = "'s";
  if (name.ends_with(kOwned)) name.resize(name.size() - kOwned.size());
  if (names.size() < kNamesMax && std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
}

}  // namespace

Names names_in(std::string_view text, std::string_view owner, std::span<const SaidLine> lines) {
  Names names;
  const Tokens owned = date_tokens(owner);
  const bool one_name = !owned.empty() && name_length(owned, 0, lines) == owned.size();
  if (one_name) add(names.people, std::string{owner});
  const Tokens tokens = date_tokens(text);
  for (std::size_t at = 0; at < tokens.size();) {
    const std::size_t count = name_length(tokens, at, lines);
    if (count == 0) {
      ++at;
      continue;
    }
    const std::size_t begin = tokens[at].begin;
    std::string name{text.substr(begin, tokens[at + count - 1].end - begin)};
    if (is_person(tokens, at, count)) {
      add(names.people, std::move(name));
    } else if (is_place(tokens, at)) {
      add(names.places, std::move(name));
    }
    at += count;
  }
  return names;
}

}  // namespace holdfast::memory
