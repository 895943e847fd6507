#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/memory/extraction.hpp"

/// Days and times that were said ("tomorrow", "on Friday at 5 pm", "am 3. Mai"), held against when the recording was
/// made. English and German. Nothing is guessed: what can mean two days stays words.
namespace holdfast::memory {

struct ResolvedDate {
  std::string said;   ///< the words, as they stand in the text
  std::string at;     ///< "2026-11-27", or with a time "2026-11-27T17:00:00+01:00": ISO 8601
  std::string until;  ///< the last day, where it is more than one ("next week"); empty: it is one
  std::string rule;   ///< how it was found: "tomorrow", "weekday_ahead", "date"; with a time "date+time"

  friend bool operator==(const ResolvedDate&, const ResolvedDate&) = default;
};

/// The day or days that words name by when something is to be done: they lie ahead. It is the day that is named:
/// "before Friday" is that Friday. Nothing: they name none, several, or one that can mean two.
std::optional<ResolvedDate> resolve_due(std::string_view due, const RecordedAt& recorded);

/// The days that a sentence names, in its order. `ahead`: it tells of what is still to be done. Otherwise a day without
/// a year or a direction is resolved only where the sentence itself speaks of the future ("will", "going to").
std::vector<ResolvedDate> dates_in(std::string_view text, const RecordedAt& recorded, bool ahead);

}  // namespace holdfast::memory
