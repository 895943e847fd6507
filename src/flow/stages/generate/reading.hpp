#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/job/job.hpp"
#include "flow/stages/generate/shape.hpp"

/// Reading a transcript piece by piece, for shapes that extract: whole segments, as many as fit, from where the piece
/// before ended.
namespace holdfast::stages {

/// At most so many of a kind are kept of one recording.
inline constexpr std::size_t kExtractionsMax = 200;
/// So many lines are read again at the beginning of the next piece: a thing may be said across the border.
inline constexpr std::size_t kLinesRepeated = 1;

/// How far a stage has read, and what it has found. Kept as the stage's output with each checkpoint.
struct Reading {
  std::size_t next = 0;  ///< the first line that was not read
  std::vector<Extraction> taken;
  std::size_t left_out = 0;      ///< not said in the recording
  std::size_t without_room = 0;  ///< beyond kExtractionsMax
  std::size_t shortened = 0;     ///< pieces whose answer was ended early
  std::size_t pieces = 0;
  std::int64_t tokens_in = 0;
  std::int64_t tokens_out = 0;
};

/// How far the job's current stage is; at the beginning if it has kept nothing.
/// Errors: permanent HF-STO-03 (what it kept cannot be read).
Result<Reading> reading_of(const Job& job, ExtractionKind kind);
std::string to_json(const Reading& reading);

/// The next piece: from `next` on as many lines as have `characters_max` together, and at least one.
std::span<const SpokenLine> next_piece(std::span<const SpokenLine> lines, std::size_t next, std::size_t characters_max);

/// Takes in what a piece gave of which `used` lines were read.
void take_in(Reading& reading, Shaped piece, std::size_t used, std::size_t lines_count);

/// What people are told of the whole.
std::vector<std::string> remarks(const Reading& reading);

}  // namespace holdfast::stages
