#pragma once

#include <cstdint>
#include <string>

namespace holdfast::speech {

/// One token of the decoder's answer. A token may hold part of a character.
struct TimedToken {
  std::string bytes;            ///< empty for a time mark
  double probability = 0;       ///< 0..1
  bool is_mark = false;         ///< a time mark: here a segment begins or ends
  std::int64_t time_ms = -1;    ///< of a mark; else the decoder's best guess when the token began, -1: none
  double time_probability = 0;  ///< how sure that guess is, 0..1
};

}  // namespace holdfast::speech
