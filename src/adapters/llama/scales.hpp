#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::llama {

/// A number that a schema bounds on both sides, within 0..10: a mark on a scale.
struct Scale {
  int least = 0;
  int most = 10;
  bool whole = false;  ///< no decimals

  static constexpr int kMost = 10;
};

using Scales = std::map<std::string, Scale>;

/// The scales of a JSON Schema by the names of their properties. Two of one name with different bounds are none.
Scales scales_of(const std::string& schema);

/// The scale whose mark stands next in an answer that reads `text` so far. Nothing: something else does.
std::optional<Scale> scale_next(const Scales& scales, std::string_view text);

/// The mark that the chances of the numbers 0, 1, 2, ... mean together: their expected value on the scale, with one
/// decimal or none. A single number drawn says little: a small model draws the same one for nearly everything, though
/// its chances differ. Nothing: no number of the scale has a chance. Source: Liu et al., "G-Eval", EMNLP 2023,
/// section 2.
std::optional<std::string> expected_mark(const Scale& scale, const std::vector<double>& chances);

}  // namespace holdfast::llama
