#include "core/memory/grounded.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/grounding/clean.hpp"
#include "core/grounding/grounding.hpp"
#include "core/memory/names.hpp"

namespace holdfast::memory {
namespace {

using grounding::ComparedWord;
using Words = std::vector<ComparedWord>;
using Lines = std::span<const SaidLine>;

constexpr std::size_t kTellingMin = 2;  ///< fewer telling words say nothing that is worth keeping
constexpr std::string_view kSpeaker = "speaker";
/// One sentence, where a form has a summary: little of it may be in other words.
constexpr grounding::GroundingPolicy kStrict{.share_min = 0.8};

constexpr auto kNegations = std::to_array<std::string_view>(
    {"aint",   "arent",  "cannot",  "cant",   "couldnt", "didnt", "doesnt",  "dont",   "hadnt",     "hasnt",
     "havent", "isnt",   "neither", "never",  "no",      "nobody", "none",   "nor",    "not",       "nothing",
     "nowhere", "shouldnt", "wasnt", "werent", "without", "wont",  "wouldnt"});
static_assert(std::ranges::is_sorted(kNegations), "is_negation searches by halves");

bool is_negation(const ComparedWord& word) { return std::ranges::binary_search(kNegations, word.text); }

std::size_t telling_count(const Words& words) {
  return static_cast<std::size_t>(std::ranges::count_if(words, [](const ComparedWord& word) {
    return !grounding::is_function_word(word.text) && !is_negation(word);
  }));
}

/// Lines next to each other in which a text was said.
struct Place {
  std::size_t first = 0;
  grounding::Grounded found;
};

grounding::Evidence evidence_of(Lines lines) {
  grounding::Evidence evidence;
  for (const SaidLine& line : lines) evidence.push_back(line.words);
  return evidence;
}

/// The text as it is looked for: "do not" and "don't" are the same, and whether it is said at all is looked at apart.
std::string without_negations(std::string_view text) {
  std::string kept;
  while (!text.empty()) {
    const std::string_view token = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(token.size() + 1, text.size()));
    const Words words = grounding::compared_words(token);
    if (words.size() != 1 || !is_negation(words.front())) kept += std::string{token} + ' ';
  }
  return kept;
}

/// The place where most of the text was said, the earliest of equals and there the fewest lines.
std::optional<Place> place_of(std::string_view text, Lines lines) {
  const grounding::Evidence evidence = evidence_of(lines);
  const std::span all{evidence};
  std::optional<Place> best;
  for (std::size_t first = 0; first < all.size(); ++first) {
    auto found = grounding::ground(text, all.subspan(first, std::min(kLinesTogether, all.size() - first)), kStrict);
    const bool better = found.found && (!best || found.share > best->found.share ||
                                        (found.share == best->found.share && best->first + kLinesTogether > first &&
                                         found.segments.size() < best->found.segments.size()));
    if (better) best = Place{.first = first, .found = std::move(found)};
  }
  return best;
}

/// The lines of the place that hold something of the text.
std::vector<std::size_t> lines_of(const Place& place) {
  std::vector<std::size_t> at;
  for (const std::size_t position : place.found.segments) at.push_back(place.first + position);
  return at;
}

double heard(Lines lines, const std::vector<std::size_t>& at) {
  double sum = 0;
  for (const std::size_t line : at) sum += std::clamp(lines[line].confidence, 0.0, 1.0);
  return at.empty() ? 0 : sum / static_cast<double>(at.size());
}

bool turned_around(std::string_view text, Lines lines, const std::vector<std::size_t>& at) {
  const bool said_no = std::ranges::any_of(at, [&](std::size_t line) { return says_no(lines[line].words); });
  return says_no(grounding::compared_words(text)) != said_no;
}

bool is_speaker(const Words& words) {
  constexpr std::array<std::string_view, 8> kFirstPerson{"i", "me", "my", "myself", "our", "speaker", "us", "we"};
  return words.size() == 1 && std::ranges::find(kFirstPerson, words.front().text) != kFirstPerson.end();
}

bool speaks_of_self(const std::vector<SaidLine>& near) {
  constexpr std::array<std::string_view, 9> kSelf{"i", "id", "ill", "im", "ive", "me", "my", "we", "well"};
  return std::ranges::any_of(near, [&](const SaidLine& line) {
    return std::ranges::any_of(line.words, [&](const ComparedWord& word) {
      return std::ranges::find(kSelf, word.text) != kSelf.end();
    });
  });
}

/// `raw`, if it was said in these lines.
std::string part_said(std::string_view raw, const std::vector<SaidLine>& near) {
  auto text = grounding::before_markup(grounding::clean_text(raw, kPartCharactersMax));
  if (grounding::means_unknown(text) || !grounding::ground(text, evidence_of(near)).found) return {};
  return text;
}

std::string owner_said(std::string_view raw, const std::vector<SaidLine>& near) {
  if (!is_speaker(grounding::compared_words(raw))) return part_said(raw, near);
  return speaks_of_self(near) ? std::string{kSpeaker} : std::string{};
}

double two_decimals(double value) { return std::round(value * 100) / 100; }

}  // namespace

bool says_no(std::span<const ComparedWord> words) { return std::ranges::any_of(words, is_negation); }

std::optional<Extraction> grounded(const Candidate& candidate, Lines lines) {
  auto text = grounding::clean_text(candidate.text, kTextCharactersMax);
  if (grounding::means_unknown(text) || telling_count(grounding::compared_words(text)) < kTellingMin)
    return std::nullopt;
  const auto place = place_of(without_negations(text), lines);
  if (!place) return std::nullopt;
  const auto at = lines_of(*place);
  double confidence = place->found.together * heard(lines, at);
  if (turned_around(text, lines, at)) confidence = std::min(confidence, kDoubtful);

  Extraction made{.kind = candidate.kind, .text = std::move(text), .confidence = two_decimals(confidence)};
  std::vector<SaidLine> there;
  for (const std::size_t line : at) {
    made.segments.push_back(lines[line].segment);
    there.push_back(lines[line]);
  }
  if (candidate.kind == ExtractionKind::action) {
    made.owner = owner_said(candidate.owner, there);
    made.due = part_said(candidate.due, there);
  }
  Names names = names_in(made.text, made.owner, there);
  made.people = std::move(names.people);
  made.places = std::move(names.places);
  return made;
}

}  // namespace holdfast::memory
