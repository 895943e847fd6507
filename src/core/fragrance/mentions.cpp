#include "core/fragrance/mentions.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <span>

#include "core/base/digit.hpp"
#include "core/grounding/words.hpp"

namespace holdfast::fragrance {
namespace {

constexpr std::size_t kDeniedReach = 6;    ///< so many other words may stand between "not" and what is not wanted
constexpr std::size_t kModifierReach = 3;  ///< "a touch of", "lots and lots of"
constexpr std::size_t kListMax = 40;       ///< tokens of a list that are looked at for its "and"

constexpr auto kDenying = std::to_array<std::string_view>(
    {"without", "no", "not", "never", "avoid", "avoids", "avoiding", "exclude", "excluding", "minus", "hate",
     "hates", "dislike", "dislikes", "nor", "neither", "skip", "except", "dont", "doesnt", "isnt", "shouldnt",
     "cant", "wont", "arent", "wasnt", "didnt", "cannot", "nothing", "lacking", "allergic", "omit", "omitting",
     "sans"});
/// "not only", "no less": what follows is wanted.
constexpr auto kWantedAllTheSame =
    std::to_array<std::string_view>({"only", "just", "merely", "simply", "necessarily", "less", "doubt"});
/// Here a denial is over.
constexpr auto kTurning = std::to_array<std::string_view>(
    {"but", "with", "instead", "however", "rather", "yet", "though", "although", "prefer", "while", "whereas"});
/// May stand in a list of what is not wanted.
constexpr auto kGlue = std::to_array<std::string_view>(
    {"any", "the", "a", "an", "note", "notes", "accord", "accords", "kind", "of", "at", "all", "much", "hint",
     "hints"});
constexpr auto kLittle = std::to_array<std::string_view>(
    {"touch", "hint", "hints", "bit", "little", "slight", "slightly", "trace", "traces", "less", "drop",
     "whisper", "dash"});
constexpr auto kLot = std::to_array<std::string_view>(
    {"very", "lots", "plenty", "more", "mainly", "mostly", "dominant", "dominated", "predominantly", "extra",
     "extremely", "loaded", "strongly", "heavy", "overdose", "especially"});
constexpr auto kTooMuch = std::to_array<std::string_view>(
    {"too", "overly", "very", "so", "excessively"});

bool is_in(std::span<const std::string_view> words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

bool is_mark(std::string_view token) { return token == "," || token == "." || token == "%" || token == "/"; }

/// The mark that a byte is; nothing: it is part of a word or between two.
std::string_view mark_of(char byte) {
  switch (byte) {
    case ',':
      return ",";
    case '.':
    case '!':
    case '?':
    case ';':
    case '\n':
    case '(':
    case ')':
      return ".";
    case '%':
      return "%";
    case '/':
      return "/";
    default:
      return {};
  }
}

/// "0.7" and "0,7" and "1,000" are one word.
bool inside_number(std::string_view text, std::size_t at) {
  return at > 0 && at + 1 < text.size() && (text[at] == '.' || text[at] == ',') && is_digit(text[at - 1]) &&
         is_digit(text[at + 1]);
}

bool is_sign(std::string_view text, std::size_t at) {
  return text[at] == '-' && at + 1 < text.size() && is_digit(text[at + 1]) &&
         (at == 0 || text[at - 1] == ' ' || text[at - 1] == ':' || text[at - 1] == '=');
}

void add_words(Tokens& tokens, std::string_view piece, bool negative) {
  for (auto& word : grounding::compared_words(piece)) {
    tokens.push_back((negative ? "-" : "") + std::move(word.text));
    negative = false;
  }
}

/// The longest term that begins at a token.
std::optional<Mention> mention_at(const Tokens& tokens, std::size_t begin) {
  std::optional<Mention> found;
  std::string words;
  for (std::size_t end = begin; end < tokens.size() && end - begin < kTermWordsMax && !is_mark(tokens[end]); ++end) {
    words += (words.empty() ? "" : " ") + tokens[end];
    Mention mention{.begin = begin, .end = end + 1};
    mention.term = find_term(words, &mention.name);
    if (mention.term != nullptr) found = mention;
  }
  return found;
}

/// Looks at a text for what its denials are about.
class Denials {
 public:
  Denials(const Tokens& tokens, std::vector<Mention>& mentions) : tokens_{tokens}, mentions_{mentions} {}

  void mark() {
    for (std::size_t at = 0; at < tokens_.size(); ++at) {
      if (const auto behind = denial_at(at); behind > 0) at = std::max(at, deny(behind) - 1);
    }
    for (Mention& mention : mentions_) {
      if (word(mention.end) == "free" && word(mention.end + 1) != "of" && word(mention.end + 1) != "from") {
        mention.unwanted = true;
      }
    }
  }

 private:
  [[nodiscard]] std::string_view word(std::size_t at) const {
    return at < tokens_.size() ? std::string_view{tokens_[at]} : std::string_view{};
  }

  /// Behind the words that deny; 0: none begin here.
  [[nodiscard]] std::size_t denial_at(std::size_t at) const {
    const std::string_view here = word(at);
    const std::string_view next = word(at + 1);
    if (here == "free" && (next == "of" || next == "from")) return at + 2;
    if (here == "instead" && next == "of") return at + 2;
    if (here == "away" && next == "from") return at + 2;
    if (here == "rather" && next == "than") return at + 2;
    if (!is_in(kDenying, here) || is_in(kWantedAllTheSame, next)) return 0;
    const bool twice = at > 0 && is_in(kDenying, word(at - 1));  // "not without"
    return twice || (is_in(kDenying, next) && next != "nor") ? 0 : at + 1;
  }

  [[nodiscard]] Mention* mention_from(std::size_t at) {
    const auto found = std::ranges::lower_bound(mentions_, at, {}, &Mention::begin);
    return found == mentions_.end() || found->begin != at ? nullptr : &*found;
  }

  /// Whether the list that goes on behind a comma ends with "and" or "or": then all of it is one list.
  [[nodiscard]] bool list_ends(std::size_t at) {
    for (const std::size_t end = std::min(tokens_.size(), at + kListMax); at < end;) {
      if (word(at) == "and" || word(at) == "or" || word(at) == "nor") return true;
      const Mention* mention = mention_from(at);
      if (mention == nullptr && word(at) != "," && !is_in(kGlue, word(at))) return false;
      at = mention != nullptr ? mention->end : at + 1;
    }
    return false;
  }

  /// Whether what stands at `mention` still belongs to a list that began with `first`.
  [[nodiscard]] bool goes_on(const Mention& first, const Mention& mention, std::string_view joint,
                             std::size_t joint_at, bool at_phrase) {
    const bool one_phrase = joint.empty() && at_phrase;  // "no sweet vanilla"
    if (joint == "or" || joint == "nor" || one_phrase) return true;
    const bool notes = first.term->topic == Topic::note && mention.term->topic == Topic::note;
    if (!notes || joint.empty()) return false;
    return joint == "and" || list_ends(joint_at);
  }

  /// Marks what is not wanted from a token on. Returns where that ends.
  std::size_t deny(std::size_t at) {
    if (word(at) == "with") ++at;  // "not with"
    const Mention* first = nullptr;
    std::string_view joint;
    std::size_t joint_at = 0;
    std::size_t phrase_end = 0;
    bool too_much = false;
    for (std::size_t others = 0; at < tokens_.size() && others <= kDeniedReach;) {
      if (Mention* mention = mention_from(at); mention != nullptr) {
        if (first != nullptr && !goes_on(*first, *mention, joint, joint_at, at == phrase_end)) return at;
        if (first == nullptr) first = mention;
        mention->unwanted = !too_much;
        if (too_much) mention->wanted = kWantedALittle;
        at = phrase_end = mention->end;
        joint = {};
        continue;
      }
      const std::string_view here = word(at);
      const bool joins = here == "," || here == "and" || here == "or" || here == "nor";
      if (here == "." || is_in(kTurning, here) || (first == nullptr && here == ",")) return at;
      if (first != nullptr && !joins && !is_in(kGlue, here) && !is_in(kTooMuch, here)) return at;
      if (joins && (joint.empty() || here != ",")) {
        joint = here;
        joint_at = at;
      }
      too_much = too_much || is_in(kTooMuch, here);
      others += first == nullptr ? 1 : 0;
      ++at;
    }
    return at;
  }

  const Tokens& tokens_;
  std::vector<Mention>& mentions_;
};

void weigh(const Tokens& tokens, Mention& mention) {
  if (mention.unwanted) {
    mention.wanted = 0;
    return;
  }
  for (std::size_t back = 1; back <= kModifierReach && back <= mention.begin; ++back) {
    const std::string_view word = tokens[mention.begin - back];
    if (is_mark(word) || word == "and" || word == "or" || word == "with") return;
    if (is_in(kLittle, word)) mention.wanted = kWantedALittle;
    if (is_in(kLot, word) && mention.wanted == kWanted) mention.wanted = kWantedALot;
  }
}

}  // namespace

Tokens tokens_of(std::string_view text) {
  Tokens tokens;
  std::size_t begin = 0;
  bool negative = false;
  for (std::size_t at = 0; at <= text.size() && tokens.size() < kTokensMax; ++at) {
    const bool over = at == text.size();
    const bool sign = !over && is_sign(text, at);
    const auto mark = over || inside_number(text, at) ? std::string_view{} : mark_of(text[at]);
    if (!over && !sign && mark.empty()) continue;
    add_words(tokens, text.substr(begin, at - begin), negative);
    if (!mark.empty()) tokens.emplace_back(mark);
    negative = sign;
    begin = at + 1;
  }
  return tokens;
}

std::vector<Mention> mentions_of(const Tokens& tokens) {
  std::vector<Mention> mentions;
  for (std::size_t at = 0; at < tokens.size();) {
    const auto mention = mention_at(tokens, at);
    if (mention) mentions.push_back(*mention);
    at = mention ? mention->end : at + 1;
  }
  Denials{tokens, mentions}.mark();
  for (Mention& mention : mentions) weigh(tokens, mention);
  return mentions;
}

}  // namespace holdfast::fragrance
