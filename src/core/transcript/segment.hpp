#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace holdfast {

/// One word as it was heard. Times in milliseconds from the start of the recording.
struct Word {
  std::int64_t start_ms = 0;
  std::int64_t end_ms = 0;
  std::string text;
  double probability = 0;  ///< 0..1
};

/// A finished stretch of speech, the unit of a transcription's checkpoint. Numbered from 0 within its job.
struct Segment {
  std::int64_t start_ms = 0;
  std::int64_t end_ms = 0;
  std::string text;
  double confidence = 0;  ///< mean token probability, 0..1
  std::vector<Word> words;
};

/// A part of the recording with speech in it that no text could be made of. Numbered from 0 within its job.
struct Gap {
  std::int64_t start_ms = 0;
  std::int64_t end_ms = 0;
  std::string cause;  ///< for people: "the same words again and again"
};

}  // namespace holdfast
