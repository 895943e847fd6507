#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/time.hpp"

/// How things look on a terminal. Pure: values in, text out.
namespace holdfast::cli {

/// What a followed item looks like just now.
struct ItemState {
  std::string id;
  std::string name;
  std::string status;
  std::string stage;
  std::string title;      ///< of the current stage, for people
  double fraction = -1;   ///< of the current stage, 0..1; below 0: not known
  unsigned attempts = 0;  ///< of the current stage
  std::string error;      ///< message; empty: none
};

struct Style {
  unsigned columns = 80;
  bool unicode = true;
  bool colour = false;
};

/// What a stranger sent, made safe for a terminal: no control characters, no marks that turn the direction of
/// writing, no broken UTF-8.
[[nodiscard]] std::string printable(std::string_view text);
/// At most so many characters; a longer text ends in "...".
[[nodiscard]] std::string shortened(std::string_view text, std::size_t characters_max);

/// "182 MB", as people say it.
[[nodiscard]] std::string human_size(std::uint64_t bytes);
/// "1 min 10 s"
[[nodiscard]] std::string human_time(milliseconds time);

/// So many cells, filled as far as `fraction` says (eighths of a cell with unicode).
[[nodiscard]] std::string bar(double fraction, unsigned cells, bool unicode);

/// One line, never wider than the terminal.
[[nodiscard]] std::string sending_line(std::string_view name, std::uint64_t sent, std::uint64_t total,
                                       Style style);
[[nodiscard]] std::string item_line(const ItemState& state, Style style);

/// The item's state in a few words: "Transcribing, 41 %".
[[nodiscard]] std::string state_words(const ItemState& state);

}  // namespace holdfast::cli
