#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/transcript/segment.hpp"

namespace holdfast::stages {

/// A segment with words in it, as a model reads it.
struct SpokenLine {
  std::size_t segment = 0;  ///< its number in the transcript
  std::string
      text;  ///< one line, cleaned; "<" and ">" are gone, so that it cannot end the quotation it stands in
  double confidence = 0;  ///< how surely it was heard, 0..1
};

/// The lines of a written text, numbered from 0 and quoted in the same way, at most 2 MiB of them in all. Long ones are
/// cut between words, so that a part of them fits where the whole does not.
std::vector<SpokenLine> written(std::string_view text);

/// The lines that hold speech, in order: at most 2 MiB of them in all and 1,000 characters each.
std::vector<SpokenLine> spoken(const std::vector<Segment>& segments);

}  // namespace holdfast::stages
