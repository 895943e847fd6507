#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.hpp"

namespace holdfast {

/// What is taken out of a transcript. The words are those of the store's rows and of the API.
enum class ExtractionKind : std::uint8_t { memory, action };

[[nodiscard]] constexpr std::string_view to_word(ExtractionKind kind) {
  return kind == ExtractionKind::memory ? "memory" : "action";
}
[[nodiscard]] constexpr std::optional<ExtractionKind> extraction_kind_from(std::string_view word) {
  if (word == "memory") return ExtractionKind::memory;
  if (word == "action") return ExtractionKind::action;
  return std::nullopt;
}

/// Something worth remembering, or something to be done, that was said in a recording.
struct Extraction {
  ExtractionKind kind = ExtractionKind::memory;
  std::string text;
  std::vector<std::size_t> segments;  ///< where it was said: numbers of the transcript's segments, ascending
  double confidence = 0;              ///< 0..1: how much of it one of these holds, and how surely that was heard
  std::string owner;                  ///< of an action: who does it, as it was said; empty: nobody was named
  std::string due;                    ///< of an action: by when, as it was said; empty: no time was named
  std::vector<std::string> people{};  ///< names of people in it, each as it was said in these segments
  std::vector<std::string> places{};  ///< names of places, as well

  friend bool operator==(const Extraction&, const Extraction&) = default;
};

/// When a recording was made, and what clocks showed where it was made.
struct RecordedAt {
  WallTime at{};
  /// From UTC, as the sender says; nothing: not known, then dates are those of UTC.
  std::optional<std::chrono::minutes> offset{};

  friend bool operator==(const RecordedAt&, const RecordedAt&) = default;
};

/// One that is stored, in the transaction that published the result it belongs to.
struct StoredExtraction {
  std::uint64_t id = 0;  ///< grows with every one that is stored; never given twice
  std::string stage;     ///< that made it
  Extraction made;
};

}  // namespace holdfast
