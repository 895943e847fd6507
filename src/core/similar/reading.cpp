#include "core/similar/reading.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "core/base/digit.hpp"
#include "core/similar/likeness.hpp"

namespace holdfast::similar {
namespace {

using grounding::ComparedWord;

constexpr std::size_t kBytesMax = 8192;
/// So many words behind a denial it looks for what is denied, and so many in a row belong to it.
constexpr std::size_t kReach = 6;
constexpr std::size_t kPhrase = 3;
constexpr std::string_view kMarks = ".,;:!?()\n";

/// A word where it stands.
struct Token {
  ComparedWord word;
  std::size_t clause = 0;
  bool begins = false;  ///< a sentence
};
using Tokens = std::vector<Token>;

bool is_any(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::ranges::find(words, word) != words.end();
}

bool means(std::string_view word, WordKind kind) {
  return std::ranges::any_of(meanings_of(word), [&](const Meaning& meaning) { return meaning.kind == kind; });
}

/// Signs that mean a word, as that word.
std::string with_words_for_signs(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kSigns{{{"%", " percent "},
                                                                                 {"\u20ac", " euro "},
                                                                                 {"$", " dollar "},
                                                                                 {"\u00a3", " pound "},
                                                                                 {"w/o", " without "},
                                                                                 {"w/", " with "},
                                                                                 {"<", " under "},
                                                                                 {">", " over "},
                                                                                 {"&", " and "}}};
  std::string out;
  while (!text.empty()) {
    const auto* const sign = std::ranges::find_if(kSigns, [&](const auto& one) { return text.starts_with(one.first); });
    const bool in_word = !out.empty() && text.front() == 'w' && out.back() != ' ';
    if (sign == kSigns.end() || in_word) {
      out += text.front();
      text.remove_prefix(1);
    } else {
      out += sign->second;
      text.remove_prefix(sign->first.size());
    }
  }
  return out;
}

/// "50ml" is a number and its unit.
void add_word(Tokens& tokens, ComparedWord word, std::size_t clause, bool begins) {
  const auto letters = word.text.find_first_not_of("0123456789.");
  const bool glued = is_digit(word.text.front()) && letters != std::string::npos &&
                     means(std::string_view{word.text}.substr(letters), WordKind::unit);
  if (!glued) return tokens.push_back({std::move(word), clause, begins});
  tokens.push_back({{.text = word.text.substr(0, letters), .has_digit = true}, clause, begins});
  tokens.push_back({{.text = word.text.substr(letters)}, clause, false});
}

/// Words that mean something else together than each by itself.
void join(Tokens& tokens) {
  struct Pair {
    std::string_view first, second, together;
  };
  constexpr std::array kPairs{Pair{"at", "least", "atleast"},   Pair{"at", "most", "atmost"},
                              Pair{"up", "to", "upto"},         Pair{"nothing", "but", "only"},
                              Pair{"not", "only", "also"},      Pair{"not", "just", "also"},
                              Pair{"dont", "forget", "also"},   Pair{"no", "doubt", "really"},
                              Pair{"without", "doubt", "really"}, Pair{"long", "lasting", "longlasting"},
                              Pair{"black", "tie", "blacktie"}, Pair{"more", "than", "morethan"},
                              Pair{"less", "than", "lessthan"}, Pair{"fewer", "than", "lessthan"},
                              Pair{"every", "day", "everyday"}, Pair{"no", "one", "nobody"},
                              Pair{"each", "day", "everyday"},  Pair{"gender", "neutral", "genderneutral"},
                              Pair{"anything", "but", "except"}, Pair{"everything", "but", "except"},
                              Pair{"hold", "the", "without"}};
  for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
    const auto* const pair = std::ranges::find_if(kPairs, [&](const Pair& one) {
      return tokens[i].word.text == one.first && tokens[i + 1].word.text == one.second;
    });
    if (pair == kPairs.end() || tokens[i].clause != tokens[i + 1].clause) continue;
    tokens[i].word.text = pair->together;
    tokens.erase(tokens.begin() + static_cast<std::ptrdiff_t>(i) + 1);
  }
}

/// Cut at marks between clauses; a point or comma inside a number is none.
Tokens tokens_of(std::string_view text) {
  const std::string spelled = with_words_for_signs(text);
  Tokens tokens;
  std::size_t clause = 0;
  bool begins = true;
  std::string_view rest = spelled;
  while (!rest.empty()) {
    std::size_t end = 0;
    const auto inside_number = [&](std::size_t at) {
      return at > 0 && at + 1 < rest.size() && is_digit(rest[at - 1]) && is_digit(rest[at + 1]);
    };
    while (end < rest.size() && (!kMarks.contains(rest[end]) || inside_number(end))) ++end;
    for (ComparedWord& word : grounding::compared_words(rest.substr(0, end))) {
      add_word(tokens, std::move(word), clause, begins);
      begins = false;
    }
    if (end < rest.size() && rest[end] != ',') begins = true;
    rest.remove_prefix(std::min(end + 1, rest.size()));
    ++clause;
  }
  join(tokens);
  return tokens;
}

/// A word that says something by itself, whatever it does elsewhere.
bool is_telling(const std::string& word) {
  const auto& meanings = meanings_of(word);
  const auto tells = [](const Meaning& meaning) {
    return meaning.kind == WordKind::name || meaning.kind == WordKind::category || meaning.kind == WordKind::pole;
  };
  if (std::ranges::any_of(meanings, tells)) return true;
  return meanings.empty() && !grounding::is_function_word(word);
}

/// Which tokens are not wanted, by number.
class Denials {
 public:
  explicit Denials(const Tokens& tokens) : tokens_{tokens}, denied_(tokens.size()) {
    for (std::size_t i = 0; i < tokens.size(); ++i) look_at(i);
  }
  [[nodiscard]] bool any() const { return any_; }
  [[nodiscard]] bool at(std::size_t number) const { return denied_[number]; }

 private:
  [[nodiscard]] const std::string& word(std::size_t i) const { return tokens_[i].word.text; }
  [[nodiscard]] bool is(std::size_t i, std::initializer_list<std::string_view> words) const {
    return i < tokens_.size() && is_any(word(i), words);
  }
  [[nodiscard]] bool together(std::size_t i, std::size_t j) const {
    return j < tokens_.size() && tokens_[i].clause == tokens_[j].clause;
  }

  void look_at(std::size_t i) {
    const bool than_something = is(i, {"instead"}) ? is(i + 1, {"of"}) : is(i, {"rather"}) && is(i + 1, {"than"});
    if (is(i, {"free"})) return deny_free(i);
    if (is(i, {"leave", "leaves", "leaving", "left"})) return deny_left_out(i);
    if (is(i, {"too"}) && !after_denial(i)) return complain(i);
    if (!than_something && !means(word(i), WordKind::denial)) return;
    any_ = true;
    if (!deny_ahead(i + 1)) deny_behind(i);
  }
  [[nodiscard]] bool after_denial(std::size_t i) const {
    return (i > 0 && means(word(i - 1), WordKind::denial)) || (i > 1 && means(word(i - 2), WordKind::denial));
  }
  /// "vanilla-free", "free of vanilla"
  void deny_free(std::size_t i) {
    any_ = true;
    if (is(i + 1, {"of", "from"})) {
      (void)deny_ahead(i + 2);
    } else if (i > 0 && together(i - 1, i)) {
      denied_[i - 1] = true;
    }
  }
  /// "leave vanilla out", "leave out the vanilla"
  void deny_left_out(std::size_t i) {
    for (std::size_t out = i + 1; out < i + kReach && together(i, out); ++out) {
      if (!is(out, {"out", "off", "aside"})) continue;
      any_ = true;
      for (std::size_t between = i + 1; between < out; ++between) denied_[between] = is_telling(word(between));
      if (out == i + 1) (void)deny_ahead(out + 1);
      return;
    }
  }
  /// "too sweet"
  void complain(std::size_t i) {
    if (!together(i, i + 1) || !is_telling(word(i + 1))) return;
    any_ = true;
    denied_[i + 1] = true;
  }
  /// What comes next, with what is joined to it by "or", "nor" and "and". False: nothing does.
  bool deny_ahead(std::size_t from) {
    std::size_t i = from;
    while (i < from + kReach && i < tokens_.size() && together(from, i) && !is_telling(word(i))) ++i;
    if (i >= from + kReach || i >= tokens_.size() || !together(from, i)) return false;
    constexpr std::array<std::string_view, 8> kWished{"wanted",     "welcome",  "allowed",   "desired",
                                                      "acceptable", "included", "necessary", "required"};
    if (std::ranges::find(kWished, word(i)) != kWished.end()) return false;
    std::size_t in_row = 0;
    for (; i < tokens_.size() && in_row < kPhrase; ++i) {
      if (is_telling(word(i))) {
        denied_[i] = true;
        ++in_row;
      } else if (is(i, {"or", "nor", "and"}) && joins(i)) {
        in_row = 0;
      } else {
        break;
      }
      if (!together(i, i + 1) && !list_goes_on(i)) break;
    }
    return true;
  }
  [[nodiscard]] bool joins(std::size_t i) const {
    if (!together(i, i + 1)) return false;
    const std::size_t next = is(i + 1, {"any", "a", "the", "no"}) ? i + 2 : i + 1;
    return next < tokens_.size() && is_telling(word(next));
  }
  /// "no vanilla, amber or musk": of a list that ends with "or" all is denied.
  [[nodiscard]] bool list_goes_on(std::size_t i) const {
    std::size_t words = 0;
    for (std::size_t next = i + 1; next < tokens_.size() && !tokens_[next].begins; ++next) {
      if (is(next, {"or", "nor"})) return true;
      words = tokens_[next].clause == tokens_[next - 1].clause ? words + 1 : 1;
      if (words > 2 || !is_telling(word(next))) return false;
    }
    return false;
  }
  /// "vanilla is not wanted"
  void deny_behind(std::size_t from) {
    for (std::size_t i = from; i-- > 0 && together(i, from);) {
      if (is_telling(word(i))) denied_[i] = true;
    }
  }

  const Tokens& tokens_;
  std::vector<bool> denied_;
  bool any_ = false;
};

bool is_number(const Token& token) { return token.word.has_digit || means(token.word.text, WordKind::number); }

/// A number with the unit that stands behind it, or the currency before it.
std::string number_at(const Tokens& tokens, std::size_t i) {
  std::string number{canonical_number(tokens[i].word.text)};
  const auto unit = [&](std::size_t at) { return " " + std::string{canonical_unit(tokens[at].word.text)}; };
  if (i + 1 < tokens.size() && means(tokens[i + 1].word.text, WordKind::unit)) return number + unit(i + 1);
  if (i > 0 && is_any(tokens[i - 1].word.text, {"euro", "dollar", "pound"})) return number + unit(i - 1);
  return number;
}

/// Where every word is written large, that says nothing.
bool is_title(const Tokens& tokens) {
  const auto large = std::ranges::count_if(tokens, [](const Token& token) { return token.word.capitalised; });
  return large * 2 > static_cast<std::ptrdiff_t>(tokens.size());
}

Telling telling_at(const Tokens& tokens, std::size_t i, bool denied, bool title) {
  Telling telling{.word = tokens[i].word, .meanings = meanings_of(tokens[i].word.text), .number = is_number(tokens[i])};
  telling.tells = !telling.number && is_telling(telling.word.text);
  telling.denied = denied;
  telling.named = telling.word.capitalised && !tokens[i].begins && !title;
  if (telling.number) telling.word.text = number_at(tokens, i);
  return telling;
}

}  // namespace

Reading read_request(std::string_view text) {
  Reading reading;
  reading.too_long = text.size() > kBytesMax;
  if (reading.too_long) return reading;
  const Tokens tokens = tokens_of(text);
  reading.too_long = tokens.size() > kComparedWordsMax;
  if (reading.too_long) return reading;
  const Denials denials{tokens};
  const bool title = is_title(tokens);
  reading.denies = denials.any();
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const std::string& word = tokens[i].word.text;
    reading.only = reading.only || means(word, WordKind::only);
    reading.ordered = reading.ordered || means(word, WordKind::order);
    reading.words.push_back(telling_at(tokens, i, denials.at(i), title));
    if (reading.words.back().number) reading.numbers.insert(reading.words.back().word.text);
  }
  const bool several = !reading.numbers.empty() && *reading.numbers.begin() != *reading.numbers.rbegin();
  reading.ordered = reading.ordered || several;
  return reading;
}

}  // namespace holdfast::similar
