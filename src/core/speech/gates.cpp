#include "core/speech/gates.hpp"

#include <algorithm>

#include "core/speech/text.hpp"

namespace holdfast::speech {

namespace {

constexpr double kNoSpeech = 0.6;
constexpr double kGuess = -0.8;
constexpr std::size_t kPhraseMax = 12;
constexpr std::size_t kPhraseTimes = 4;
constexpr std::size_t kWordTimes = 8;
constexpr double kSureOfAHum = 0.6;
constexpr std::string_view kHums[] = {"hm", "hmm", "mm", "mmm", "mhm", "uh", "um"};

struct Brackets {
  std::string_view open;
  std::string_view close;
};
constexpr Brackets kBrackets[] = {{"[", "]"}, {"(", ")"},   {"*", "*"},   {"<", ">"},
                                  {"♪", "♪"}, {"【", "】"}, {"（", "）"}, {"「♪", "♪」"}};

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

/// The bracketed note that the text begins with; empty: none.
std::string_view leading_note(std::string_view text) {
  for (const auto& [open, close] : kBrackets) {
    if (!text.starts_with(open)) continue;
    const std::size_t end = text.find(close, open.size());
    if (end != std::string_view::npos) return text.substr(0, end + close.size());
  }
  return {};
}

/// A word as it counts for repetition: without case and punctuation of ASCII.
std::string spoken(const Word& word) {
  std::string text;
  for (const char byte : word.text) {
    const bool is_upper = byte >= 'A' && byte <= 'Z';
    const bool is_word = is_upper || (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte < 0;
    if (is_word) text += is_upper ? static_cast<char>(byte + ('a' - 'A')) : byte;
  }
  return text.empty() ? word.text : text;
}

/// How many words from `first` on equal the word `length` before.
std::size_t repeated(const std::vector<std::string>& words, std::size_t first, std::size_t length) {
  std::size_t count = 0;
  while (first + length + count < words.size() && words[first + count] == words[first + length + count])
    ++count;
  return count;
}

std::optional<Loop> loop_at(const std::vector<std::string>& words, std::size_t first) {
  for (std::size_t length = 1; length <= kPhraseMax; ++length) {
    const std::size_t times = length == 1 ? kWordTimes : kPhraseTimes;
    const std::size_t count = repeated(words, first, length);
    if (count >= length * (times - 1)) return Loop{first + length, first + length + count, length};
  }
  return std::nullopt;
}

std::vector<Word> all_words(const std::vector<Segment>& segments) {
  std::vector<Word> words;
  for (const Segment& segment : segments)
    words.insert(words.end(), segment.words.begin(), segment.words.end());
  return words;
}

/// The segment says what its words say, from the first to the last of them.
void restate(Segment& segment, bool spaced) {
  segment.text.clear();
  for (const Word& word : segment.words) {
    if (spaced && !segment.text.empty()) segment.text += ' ';
    segment.text += word.text;
  }
  if (segment.words.empty()) return;
  segment.start_ms = segment.words.front().start_ms;
  segment.end_ms = segment.words.back().end_ms;
}

/// What is left of a segment whose words [first, last) are taken out: what comes before them, and what comes after.
void keep_around(const Segment& segment, std::size_t first, std::size_t last, bool spaced, std::vector<Segment>& out) {
  const auto begin = segment.words.begin();
  const auto keep = [&](auto from, auto to) {
    if (from == to) return;
    Segment part{.confidence = segment.confidence, .words = {from, to}};
    restate(part, spaced);
    out.push_back(std::move(part));
  };
  keep(begin, begin + static_cast<std::ptrdiff_t>(first));
  keep(begin + static_cast<std::ptrdiff_t>(last), segment.words.end());
}

/// Takes the words of the loop, counted through all segments, out of them.
void remove_words(std::vector<Segment>& segments, Loop loop, bool spaced) {
  std::vector<Segment> kept;
  std::size_t before = 0;
  for (Segment& segment : segments) {
    const std::size_t count = segment.words.size();
    const std::size_t first = std::clamp(loop.first, before, before + count) - before;
    const std::size_t last = std::clamp(loop.last, before, before + count) - before;
    before += count;
    if (first < last)
      keep_around(segment, first, last, spaced, kept);
    else if (count > 0)
      kept.push_back(std::move(segment));
  }
  segments = std::move(kept);
}

/// The same time in regions that are in order and do not overlap.
std::vector<Region> united(std::vector<Region> regions) {
  std::ranges::sort(regions, {}, &Region::start_ms);
  std::vector<Region> out;
  for (const Region& region : regions) {
    if (!out.empty() && region.start_ms <= out.back().end_ms)
      out.back().end_ms = std::max(out.back().end_ms, region.end_ms);
    else
      out.push_back(region);
  }
  return out;
}

}  // namespace

bool is_note(std::string_view text) {
  text = trimmed(text);
  while (true) {
    const std::string_view note = leading_note(text);
    if (note.empty()) break;
    text = trimmed(text.substr(note.size()));
  }
  return !has_words(text);
}

bool is_no_speech(double no_speech_probability, double log_probability_mean) {
  return no_speech_probability > kNoSpeech && log_probability_mean < kGuess;
}

bool is_outside_speech(const Segment& segment, const std::vector<Region>& speech) {
  const Region said{segment.start_ms, segment.end_ms};
  std::int64_t inside = 0;
  for (const Region& region : speech) inside += overlap_ms(said, region);
  return inside == 0 || inside * 10 < length_ms(said);
}

std::optional<Loop> find_loop(const std::vector<Word>& words) {
  std::vector<std::string> said;
  said.reserve(words.size());
  for (const Word& word : words) said.push_back(spoken(word));
  for (std::size_t first = 0; first < said.size(); ++first) {
    if (auto loop = loop_at(said, first)) return loop;
  }
  return std::nullopt;
}

bool is_doubtful_hum(const Segment& segment) {
  return segment.confidence < kSureOfAHum && !segment.words.empty() &&
         std::ranges::all_of(segment.words, [](const Word& word) {
           return std::ranges::find(kHums, spoken(word)) != std::end(kHums);
         });
}

std::vector<Segment> drop_invented(std::vector<Segment>& segments, const std::vector<Region>& speech) {
  std::vector<Segment> kept;
  std::vector<Segment> out;
  for (Segment& segment : segments) {
    const bool invented = is_note(segment.text) || is_doubtful_hum(segment) || is_outside_speech(segment, speech);
    (invented ? out : kept).push_back(std::move(segment));
  }
  segments = std::move(kept);
  return out;
}

bool has_loop(const std::vector<Segment>& segments) { return find_loop(all_words(segments)).has_value(); }

std::vector<Region> cut_loops(std::vector<Segment>& segments, bool spaced, bool first_stays) {
  std::vector<Region> cut;
  while (true) {
    const std::vector<Word> words = all_words(segments);
    auto loop = find_loop(words);
    if (!loop) return united(std::move(cut));  // a later one may have spanned an earlier one
    if (!first_stays) loop->first -= loop->phrase;
    cut.push_back({words[loop->first].start_ms, words[loop->last - 1].end_ms});
    remove_words(segments, *loop, spaced);
  }
}

}  // namespace holdfast::speech
