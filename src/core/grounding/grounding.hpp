#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/grounding/words.hpp"

/// Does what a model wrote stand in what was said? A model may invent; what it invents must not become
/// somebody's form.
namespace holdfast::grounding {

/// How much of a value must be found. Numbers must always be found exactly, and words written like names
/// always.
struct GroundingPolicy {
  double share_min = 0.6;        ///< of a value's words, when there are more than `words_all`
  std::size_t words_all = 3;     ///< values of up to so many words must be found whole
  std::size_t segments_max = 5;  ///< how many segments are named as the source
};

/// What was said: one entry for each segment, in its order.
using Evidence = std::vector<std::vector<ComparedWord>>;
Evidence make_evidence(std::span<const std::string> segments);

struct Grounded {
  bool found = false;
  double share = 0;                   ///< of the words that count, 0..1; with `found`
  double together = 0;                ///< of these, the share that one segment holds by itself
  std::vector<std::size_t> segments;  ///< positions in the evidence, ascending: where most of it comes from
};

/// Looks for `value` in the evidence. Function words ("the", "of") do not count, unless the value has no
/// others.
Grounded ground(std::string_view value, std::span<const std::vector<ComparedWord>> evidence,
                const GroundingPolicy& policy = {});

/// A model's way to say that it does not know: "", "unknown", "not mentioned", "N/A", "null", "-".
bool means_unknown(std::string_view value);

}  // namespace holdfast::grounding
