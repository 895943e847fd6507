#include "core/speech/words.hpp"

#include "core/speech/text.hpp"

namespace holdfast::speech {

namespace {

/// Tokens between two time marks. Times are those the engine heard, not yet the recording's.
struct Stretch {
  std::int64_t start_ms = 0;
  std::int64_t end_ms = 0;
  std::span<const TimedToken> tokens;
};

std::vector<Stretch> stretches_of(std::span<const TimedToken> tokens, std::int64_t heard) {
  std::vector<Stretch> stretches;
  std::int64_t start = 0;
  std::size_t first = 0;
  for (std::size_t i = 0; i <= tokens.size(); ++i) {
    const bool at_end = i == tokens.size();
    if (!at_end && !tokens[i].is_mark) continue;
    const std::int64_t mark = at_end ? heard : std::clamp(tokens[i].time_ms, start, heard);
    if (i > first) stretches.push_back({start, mark, tokens.subspan(first, i - first)});
    start = mark;
    first = i + 1;
  }
  return stretches;
}

/// How long a token takes to say, in characters. A mark of punctuation is a pause.
double spoken_length(const TimedToken& token) {
  double length = 0;
  for (const char byte : token.bytes) {
    if (byte == ' ' || continues_character(byte)) continue;
    const bool ends_sentence = byte == '.' || byte == '!' || byte == '?';
    const bool is_digit = byte >= '0' && byte <= '9';
    if (ends_sentence || is_digit)
      length += 3;
    else if (byte == ',')
      length += 2;
    else
      length += 1;
  }
  return std::max(length, 0.01);
}

/// When each token begins, and at the end when the last one ends. The decoder's surer guesses stand where
/// they are in order; the tokens between two of them share the time by their length.
std::vector<std::int64_t> token_times(const Stretch& stretch) {
  const auto& tokens = stretch.tokens;
  std::vector<std::int64_t> times(tokens.size() + 1, -1);
  times.front() = stretch.start_ms;
  times.back() = stretch.end_ms;
  std::size_t anchor = 0;
  for (std::size_t i = 1; i <= tokens.size(); ++i) {
    const bool guessed =
        i < tokens.size() && tokens[i].time_ms > times[anchor] && tokens[i].time_ms < stretch.end_ms;
    if (i < tokens.size() && !guessed) continue;
    if (guessed) times[i] = tokens[i].time_ms;
    double whole = 0;
    for (std::size_t k = anchor; k < i; ++k) whole += spoken_length(tokens[k]);
    double part = 0;
    for (std::size_t k = anchor + 1; k < i; ++k) {
      part += spoken_length(tokens[k - 1]);
      times[k] = times[anchor] +
                 static_cast<std::int64_t>(static_cast<double>(times[i] - times[anchor]) * part / whole);
    }
    anchor = i;
  }
  return times;
}

bool begins_word(const TimedToken& token, bool spaced) {
  if (token.bytes.empty() || continues_character(token.bytes.front())) return false;
  if (spaced) return token.bytes.front() == ' ';
  return has_words(token.bytes) || ends_inside_character(token.bytes);
}

/// Cuts what lies outside speech off both ends of a word that touches speech.
void settle_in_speech(Word& word, const std::vector<Region>& speech) {
  const Region said{word.start_ms, word.end_ms};
  std::int64_t first = -1;
  std::int64_t last = -1;
  for (const Region& region : speech) {
    if (overlap_ms(said, region) == 0) continue;
    if (first < 0) first = std::max(said.start_ms, region.start_ms);
    last = std::min(said.end_ms, region.end_ms);
  }
  if (first < 0) return;
  word.start_ms = first;
  word.end_ms = last;
}

/// A word of the tokens [first, last).
Word word_of(const Stretch& stretch, const std::vector<std::int64_t>& times, std::size_t first,
             std::size_t last, const Window& window) {
  std::string bytes;
  double probability = 0;
  for (std::size_t i = first; i < last; ++i) {
    bytes += stretch.tokens[i].bytes;
    probability += stretch.tokens[i].probability;
  }
  Word word{.start_ms = recording_ms(window, times[first], false),
            .end_ms = recording_ms(window, times[last], true),
            .text = clean_text(bytes),
            .probability = probability / static_cast<double>(last - first)};
  word.end_ms = std::max(word.start_ms, word.end_ms);
  settle_in_speech(word, window.speech);
  return word;
}

std::vector<Word> words_of(const Stretch& stretch, const Window& window, bool spaced) {
  const auto times = token_times(stretch);
  std::vector<Word> words;
  std::size_t first = 0;
  for (std::size_t i = 1; i <= stretch.tokens.size(); ++i) {
    if (i < stretch.tokens.size() && !begins_word(stretch.tokens[i], spaced)) continue;
    Word word = word_of(stretch, times, first, i, window);
    if (!word.text.empty()) words.push_back(std::move(word));
    first = i;
  }
  return words;
}

Segment segment_of(const Stretch& stretch, const Window& window, bool spaced) {
  std::string bytes;
  double probability = 0;
  for (const TimedToken& token : stretch.tokens) {
    bytes += token.bytes;
    probability += token.probability;
  }
  Segment segment{.start_ms = recording_ms(window, stretch.start_ms, false),
                  .end_ms = recording_ms(window, stretch.end_ms, true),
                  .text = clean_text(bytes),
                  .confidence = probability / static_cast<double>(stretch.tokens.size()),
                  .words = words_of(stretch, window, spaced)};
  if (!segment.words.empty()) {
    segment.start_ms = segment.words.front().start_ms;
    segment.end_ms = segment.words.back().end_ms;
  }
  return segment;
}

}  // namespace

bool has_spaces(std::string_view language) {
  for (const std::string_view without : {"ja", "zh", "yue", "th", "lo", "my", "km", "bo"}) {
    if (language == without) return false;
  }
  return true;
}

std::int64_t append_tokens(std::vector<TimedToken>& tokens, std::vector<TimedToken> more,
                           std::int64_t from_ms) {
  if (from_ms > 0) tokens.push_back({.is_mark = true, .time_ms = from_ms, .time_probability = 1});
  std::int64_t end_ms = from_ms;
  for (TimedToken& token : more) {
    if (token.time_ms >= 0) token.time_ms += from_ms;
    if (token.is_mark) end_ms = std::max(end_ms, token.time_ms);
    tokens.push_back(std::move(token));
  }
  return end_ms;
}

std::vector<Segment> segments_of(std::span<const TimedToken> tokens, const Window& window, bool spaced) {
  std::vector<Segment> segments;
  for (const Stretch& stretch : stretches_of(tokens, heard_ms(window))) {
    Segment segment = segment_of(stretch, window, spaced);
    if (!segment.text.empty()) segments.push_back(std::move(segment));
  }
  return segments;
}

}  // namespace holdfast::speech
