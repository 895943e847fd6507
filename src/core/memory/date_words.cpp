#include "core/memory/date_words.hpp"

#include <algorithm>
#include <array>

#include "core/base/digit.hpp"
#include "core/grounding/words.hpp"

namespace holdfast::memory {
namespace {

template <class T>
struct Meaning {
  std::string_view word;
  T value;
};
template <class T, std::size_t kCount>
std::optional<T> look_up(const std::array<Meaning<T>, kCount>& table, std::string_view word) {
  const auto found = std::ranges::find(table, word, &Meaning<T>::word);
  return found == table.end() ? std::nullopt : std::optional{found->value};
}

constexpr auto kWeekdays = std::to_array<Meaning<unsigned>>(
    {{"monday", 1},   {"tuesday", 2},  {"wednesday", 3}, {"thursday", 4},   {"friday", 5},  {"saturday", 6},
     {"sunday", 7},   {"montag", 1},   {"dienstag", 2},  {"mittwoch", 3},   {"donnerstag", 4}, {"freitag", 5},
     {"samstag", 6},  {"sonnabend", 6}, {"sonntag", 7}});

constexpr auto kMonths = std::to_array<Meaning<unsigned>>(
    {{"january", 1}, {"february", 2},  {"march", 3},     {"april", 4},    {"may", 5},       {"june", 6},
     {"july", 7},    {"august", 8},    {"september", 9}, {"october", 10}, {"november", 11}, {"december", 12},
     {"januar", 1},  {"februar", 2},   {"märz", 3},      {"mai", 5},      {"juni", 6},      {"juli", 7},
     {"oktober", 10}, {"dezember", 12}});

constexpr auto kNumbers = std::to_array<Meaning<int>>(
    {{"a", 1},      {"an", 1},    {"one", 1},   {"two", 2},    {"three", 3},  {"four", 4},   {"five", 5},
     {"six", 6},    {"seven", 7}, {"eight", 8}, {"nine", 9},   {"ten", 10},   {"eleven", 11}, {"twelve", 12},
     {"einem", 1},  {"einer", 1}, {"zwei", 2},  {"drei", 3},   {"vier", 4},   {"fünf", 5},   {"sechs", 6},
     {"sieben", 7}, {"acht", 8},  {"neun", 9},  {"zehn", 10},  {"elf", 11},   {"zwölf", 12}});

constexpr auto kOrdinals = std::to_array<Meaning<int>>(
    {{"first", 1},    {"second", 2},     {"third", 3},      {"fourth", 4},     {"fifth", 5},       {"sixth", 6},
     {"seventh", 7},  {"eighth", 8},     {"ninth", 9},      {"tenth", 10},     {"eleventh", 11},   {"twelfth", 12},
     {"thirteenth", 13}, {"fourteenth", 14}, {"fifteenth", 15}, {"sixteenth", 16}, {"seventeenth", 17},
     {"eighteenth", 18}, {"nineteenth", 19}, {"twentieth", 20}, {"thirtieth", 30},
     {"ersten", 1},   {"zweiten", 2},    {"dritten", 3},    {"vierten", 4},    {"fünften", 5},     {"sechsten", 6},
     {"siebten", 7},  {"achten", 8},     {"neunten", 9},    {"zehnten", 10},   {"elften", 11},     {"zwölften", 12},
     {"fünfzehnten", 15}, {"zwanzigsten", 20}, {"dreißigsten", 30}});

constexpr auto kUnits = std::to_array<Meaning<DateUnit>>(
    {{"minute", DateUnit::minute},  {"minutes", DateUnit::minute}, {"hour", DateUnit::hour},
     {"hours", DateUnit::hour},     {"day", DateUnit::day},        {"days", DateUnit::day},
     {"week", DateUnit::week},      {"weeks", DateUnit::week},     {"month", DateUnit::month},
     {"months", DateUnit::month},   {"year", DateUnit::year},      {"years", DateUnit::year},
     {"minuten", DateUnit::minute}, {"stunde", DateUnit::hour},    {"stunden", DateUnit::hour},
     {"tag", DateUnit::day},        {"tage", DateUnit::day},       {"tagen", DateUnit::day},
     {"woche", DateUnit::week},     {"wochen", DateUnit::week},    {"monat", DateUnit::month},
     {"monate", DateUnit::month},   {"monaten", DateUnit::month},  {"jahr", DateUnit::year},
     {"jahre", DateUnit::year},     {"jahren", DateUnit::year}});

bool is_letter(char letter) {
  const auto byte = static_cast<unsigned char>(letter);
  return byte >= 0x80 || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || letter == '\'';
}

constexpr std::size_t kDigitsMax = 4;

DateToken number_token(std::string_view text, std::size_t begin) {
  DateToken token;
  token.begin = token.end = begin;
  while (token.end < text.size() && is_digit(text[token.end])) ++token.end;
  token.text = text.substr(begin, token.end - begin);
  if (token.text.size() <= kDigitsMax) token.number = std::stoi(token.text);
  for (const std::string_view ending : {"st", "nd", "rd", "th"}) {
    const bool whole = token.end + 2 >= text.size() || !is_letter(text[token.end + 2]);
    if (text.substr(token.end, 2) != ending || !whole) continue;
    token.ordinal = true;
    token.end += 2;
    break;
  }
  const bool stop = token.end < text.size() && text[token.end] == '.';
  if (stop && token.end + 1 < text.size() && text[token.end + 1] == ' ') token.ordinal = true;  // German: "am 3. Mai"
  return token;
}

DateToken word_token(std::string_view text, std::size_t begin) {
  DateToken token;
  token.begin = token.end = begin;
  while (token.end < text.size() && is_letter(text[token.end])) ++token.end;
  for (const auto& word : grounding::compared_words(text.substr(begin, token.end - begin))) {
    if (token.text.empty()) token.capitalised = word.capitalised;
    token.text += word.text;
  }
  return token;
}

}  // namespace

std::vector<DateToken> date_tokens(std::string_view text) {
  std::vector<DateToken> tokens;
  std::size_t at = 0;
  while (at < text.size()) {
    if (!is_digit(text[at]) && !is_letter(text[at])) {
      ++at;
      continue;
    }
    DateToken token = is_digit(text[at]) ? number_token(text, at) : word_token(text, at);
    if (!tokens.empty() && token.begin == tokens.back().end + 1) {
      const char between = text[token.begin - 1];
      if (between != ' ') token.joined = between;
    }
    at = token.end;
    if (!token.text.empty()) tokens.push_back(std::move(token));
  }
  return tokens;
}

std::optional<unsigned> weekday_of(std::string_view word) { return look_up(kWeekdays, word); }
std::optional<unsigned> month_of(std::string_view word) { return look_up(kMonths, word); }
std::optional<int> number_of_word(std::string_view word) { return look_up(kNumbers, word); }
std::optional<int> ordinal_of_word(std::string_view word) { return look_up(kOrdinals, word); }
std::optional<DateUnit> unit_of(std::string_view word) { return look_up(kUnits, word); }

}  // namespace holdfast::memory
