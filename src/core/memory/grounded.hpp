#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/grounding/words.hpp"
#include "core/memory/extraction.hpp"

/// What a model says it took out of a transcript, held against the transcript. What was not said is not taken.
namespace holdfast::memory {

/// A stretch of speech as it is compared.
struct SaidLine {
  std::size_t segment = 0;
  std::vector<grounding::ComparedWord> words;
  double confidence = 0;  ///< how surely it was heard, 0..1
};

/// What a model wrote. It may have made up any of it.
struct Candidate {
  ExtractionKind kind = ExtractionKind::memory;
  std::string_view text;
  std::string_view owner;
  std::string_view due;
};

inline constexpr std::size_t kTextCharactersMax = 300;
inline constexpr std::size_t kPartCharactersMax = 80;  ///< owner, due
/// One thing is said within so many lines that follow each other: words from all over a recording prove nothing.
inline constexpr std::size_t kLinesTogether = 3;
/// What says the opposite of what stands beside it in the recording is no more certain than this.
inline constexpr double kDoubtful = 0.3;

/// The sentences of a text, each of which can be true or made up by itself; models put several into one. What says
/// nothing ("1.") is left out, and so is the end of a text that was cut off in the middle of a sentence.
std::vector<std::string> sentences_of(std::string_view text);

/// The candidate as it may be shown, with the segments in which it was said. Nothing: it was not said, or says nothing.
/// Confidence is the share of its words that one segment holds, times how surely they were heard: what is put together
/// from several is less certain. Where only one of both sides says "not", it is at most kDoubtful. An owner or a time
/// that was not said in the same segments is left out; "I" and "me" are "speaker". Names of people and places are those
/// of names.hpp.
std::optional<Extraction> grounded(const Candidate& candidate, std::span<const SaidLine> lines);

/// Whether the words deny something: "not", "never", "without".
bool says_no(std::span<const grounding::ComparedWord> words);

/// Adds `more` to what there is. What says the same as one that is there already joins it: the longer text, the
/// segments of both, the higher confidence. What differs in a number or in a name, or of which only one
/// says "not", is not the same.
/// Returns how many had no room (`count_max`).
std::size_t add_new(std::vector<Extraction>& there, std::vector<Extraction> more, std::size_t count_max);

/// The first words of a session, to know it by: at most 60 characters, cut between words, with "..." where cut.
std::string title_of(std::string_view first_words);

}  // namespace holdfast::memory
