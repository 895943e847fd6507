#include "core/grounding/grounding.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace holdfast::grounding {
namespace {

using Words = std::vector<ComparedWord>;
using Said = std::span<const Words>;

bool said_in(const ComparedWord& word, const Words& segment) {
  return std::ranges::any_of(segment, [&](const ComparedWord& said) { return same_word(word, said); });
}

bool said(const ComparedWord& word, Said evidence) {
  return std::ranges::any_of(evidence, [&](const Words& segment) { return said_in(word, segment); });
}

/// Words that must be found: the telling ones, or all when there are no telling ones ("The Who").
Words telling(const Words& words) {
  Words out;
  std::ranges::copy_if(words, std::back_inserter(out),
                       [](const auto& w) { return !is_function_word(w.text); });
  return out.empty() ? words : out;
}

/// Share of the words that were said; nothing: not enough of them, or not one that must be.
std::optional<double> share_said(const Words& words, Said evidence, const GroundingPolicy& policy) {
  std::size_t found = 0;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const bool here = said(words[i], evidence);
    // The first word is a capital in any sentence; later ones are names, and a name is right or wrong.
    const bool must = words[i].has_digit || (words[i].capitalised && i > 0);
    if (must && !here) return std::nullopt;
    found += here ? 1 : 0;
  }
  const double share = static_cast<double>(found) / static_cast<double>(words.size());
  const double needed = words.size() <= policy.words_all ? 1.0 : policy.share_min;
  return share >= needed ? std::optional{share} : std::nullopt;
}

/// Fills in the segments that together hold the most of `words`, the earliest of equals; each adds at least one word.
void find_sources(Words words, Said evidence, std::size_t count_max, Grounded& out) {
  const auto words_count = static_cast<double>(words.size());
  std::vector<std::size_t>& chosen = out.segments;
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
    if (chosen.empty()) out.together = static_cast<double>(best_count) / words_count;
    chosen.push_back(best);
    std::erase_if(words, [&](const auto& w) { return said_in(w, evidence[best]); });
  }
  std::ranges::sort(chosen);
}

}  // namespace

Evidence make_evidence(std::span<const std::string> segments) {
  Evidence evidence;
  evidence.reserve(segments.size());
  for (const auto& text : segments) evidence.push_back(compared_words(text));
  return evidence;
}

Grounded ground(std::string_view value, Said evidence, const GroundingPolicy& policy) {
  const Words words = telling(compared_words(value));
  const auto share = words.empty() ? std::nullopt : share_said(words, evidence, policy);
  if (!share) return {};
  Grounded out{.found = true, .share = *share};
  find_sources(words, evidence, policy.segments_max, out);
  return out;
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
