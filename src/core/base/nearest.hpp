#pragma once

#include <algorithm>
#include <span>
#include <string_view>
#include <vector>

namespace holdfast {

/// How many single-character changes turn one word into the other. Source: Levenshtein 1966.
inline std::size_t edit_distance(std::string_view from, std::string_view to) {
  std::vector<std::size_t> row(to.size() + 1);
  for (std::size_t j = 0; j < row.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= from.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= to.size(); ++j) {
      const std::size_t replaced = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

/// The known word that somebody who wrote `word` most likely meant. Needs at least one known word.
inline std::string_view nearest(std::string_view word, std::span<const std::string_view> known) {
  return *std::ranges::min_element(known, {}, [&](std::string_view k) { return edit_distance(word, k); });
}

}  // namespace holdfast
