#include "core/grounding/grounding.hpp"

#include <algorithm>
#include <array>

namespace holdfast::grounding {
namespace {

using Words = std::vector<ComparedWord>;

bool said_in(const ComparedWord& word, const Words& segment) {
  return std::ranges::any_of(segment, [&](const ComparedWord& said) { return same_word(word, said); });
}

bool said(const ComparedWord& word, const Evidence& evidence) {
  return std::ranges::any_of(evidence, [&](const Words& segment) { return said_in(word, segment); });
}

/// Words that must be found: the telling ones, or all when there are no telling ones ("The Who").
Words telling(const Words& words) {
  Words out;
  std::ranges::copy_if(words, std::back_inserter(out),
                       [](const auto& w) { return !is_function_word(w.text); });
  return out.empty() ? words : out;
}

bool enough(const Words& words, const Evidence& evidence, const GroundingPolicy& policy) {
  std::size_t found = 0;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const bool here = said(words[i], evidence);
    // The first word is a capital in any sentence; later ones are names, and a name is right or wrong.
    const bool must = words[i].has_digit || (words[i].capitalised && i > 0);
    if (must && !here) return false;
    found += here ? 1 : 0;
  }
  if (words.size() <= policy.words_all) return found == words.size();
  return static_cast<double>(found) >= policy.share_min * static_cast<double>(words.size());
}

/// The segments that together hold the most of `words`, best first, the earliest of equals; each adds at
/// least one word.
std::vector<std::size_t> sources(Words words, const Evidence& evidence, std::size_t count_max) {
  std::vector<std::size_t> chosen;
  while (!words.empty() && chosen.size() < count_max) {
    std::size_t best = 0;
    std::ptrdiff_t best_count = 0;
    for (std::size_t i = 0; i < evidence.size(); ++i) {
      const auto count = std::ranges::count_if(words, [&](const auto& w) { return said_in(w, evidence[i]); });
      if (count <= best_count) continue;
      best = i;
      best_count = count;
    }
    if (best_count == 0) break;
    chosen.push_back(best);
    std::erase_if(words, [&](const auto& w) { return said_in(w, evidence[best]); });
  }
  std::ranges::sort(chosen);
  return chosen;
}

}  // namespace

Evidence make_evidence(std::span<const std::string> segments) {
  Evidence evidence;
  evidence.reserve(segments.size());
  for (const auto& text : segments) evidence.push_back(compared_words(text));
  return evidence;
}

Grounded ground(std::string_view value, const Evidence& evidence, const GroundingPolicy& policy) {
  const Words words = telling(compared_words(value));
  if (words.empty() || !enough(words, evidence, policy)) return {};
  return {.found = true, .segments = sources(words, evidence, policy.segments_max)};
}

bool means_unknown(std::string_view value) {
  constexpr std::array<std::string_view, 12> kUnknown{
      "unknown",   "none",          "null",       "n a",          "na",          "not mentioned",
      "not known", "not specified", "not stated", "not provided", "unspecified", "undefined"};
  std::string plain;
  for (const auto& word : compared_words(value)) plain += (plain.empty() ? "" : " ") + word.text;
  return plain.empty() || std::ranges::find(kUnknown, plain) != kUnknown.end();
}

}  // namespace holdfast::grounding
