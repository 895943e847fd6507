#include "core/transcript/export.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include "core/transcript/text.hpp"

namespace holdfast::transcript {
namespace {

/// Later than any recording that is accepted; keeps the arithmetic on times far from overflow.
constexpr std::int64_t kTimeMax = 1'000'000'000'000;

bool is_space(char letter) { return letter == ' ' || letter == '\n'; }

/// Lines end in one '\n', there are no blank ones, no control characters, no space at the ends of lines.
std::string to_cue_text(std::string_view raw) {
  std::string out;
  for (const char letter : to_valid_utf8(raw)) {
    const bool line_end = letter == '\n' || letter == '\r';
    const bool control = static_cast<unsigned char>(letter) < 0x20 || letter == 0x7F;
    const char shown = line_end ? '\n' : control ? ' ' : letter;
    if (is_space(shown) && (out.empty() || out.back() == '\n')) continue;
    if (shown == '\n') {
      while (!out.empty() && out.back() == ' ') out.pop_back();
    }
    out += shown;
  }
  while (!out.empty() && is_space(out.back())) out.pop_back();
  return out;
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

std::string to_vtt_text(std::string text) {
  replace_all(text, "&", "&amp;");
  replace_all(text, "<", "&lt;");
  replace_all(text, ">", "&gt;");
  return text;
}

std::string to_clock(std::int64_t time_ms, char fraction_mark) {
  std::array<char, 40> text{};
  const auto part = [time_ms](std::int64_t unit, std::int64_t count) {
    return static_cast<long long>(time_ms / unit % count);
  };
  const int length =
      std::snprintf(text.data(), text.size(), "%02lld:%02lld:%02lld%c%03lld", part(3'600'000, kTimeMax),
                    part(60'000, 60), part(1000, 60), fraction_mark, part(1, 1000));
  return {text.data(), static_cast<std::size_t>(length)};
}

std::string to_timing(const Cue& cue, char fraction_mark) {
  return to_clock(cue.start_ms, fraction_mark) + " --> " + to_clock(cue.end_ms, fraction_mark) + "\n";
}

/// Those with the same start stay in the order they have.
std::vector<const Segment*> by_start(std::span<const Segment> segments) {
  std::vector<const Segment*> sorted;
  for (const Segment& segment : segments) sorted.push_back(&segment);
  std::ranges::sort(sorted, {}, [](const Segment* segment) { return std::pair{segment->start_ms, segment}; });
  return sorted;
}

void append_seconds(std::string& out, std::string_view key, std::int64_t time_ms) {
  append_json_string(out, key);
  out += ':';
  append_json_number(out, static_cast<double>(time_ms) / 1000);
  out += ',';
}

void append_text(std::string& out, std::string_view text) {
  out += "\"text\":";
  append_json_string(out, text);
  out += ',';
}

template <class T>
void append_list(std::string& out, std::span<const T> list, void (*append)(std::string&, const T&)) {
  out += '[';
  for (const T& element : list) {
    if (&element != list.data()) out += ',';
    append(out, element);
  }
  out += ']';
}

void append_word(std::string& out, const Word& word) {
  out += '{';
  append_seconds(out, "start_s", word.start_ms);
  append_seconds(out, "end_s", word.end_ms);
  append_text(out, word.text);
  out += "\"probability\":";
  append_json_number(out, word.probability);
  out += '}';
}

void append_segment(std::string& out, const Segment& segment) {
  out += '{';
  append_seconds(out, "start_s", segment.start_ms);
  append_seconds(out, "end_s", segment.end_ms);
  append_text(out, segment.text);
  out += "\"confidence\":";
  append_json_number(out, segment.confidence);
  out += ",\"words\":";
  append_list<Word>(out, segment.words, &append_word);
  out += '}';
}

void append_gap(std::string& out, const Gap& gap) {
  out += '{';
  append_seconds(out, "start_s", gap.start_ms);
  append_seconds(out, "end_s", gap.end_ms);
  out += "\"cause\":";
  append_json_string(out, gap.cause);
  out += '}';
}

std::string to_gap_line(const Gap& gap) {
  const std::string cause = gap.cause.empty() ? "" : ": " + to_cue_text(gap.cause);
  return "[Not transcribed from " + to_clock(gap.start_ms, '.') + " to " + to_clock(gap.end_ms, '.') + cause + "]\n";
}

}  // namespace

std::vector<Cue> to_cues(std::span<const Segment> segments) {
  std::vector<Cue> cues;
  for (const Segment* segment : by_start(segments)) {
    std::string text = to_cue_text(segment->text);
    if (text.empty()) continue;
    const auto start = std::clamp(segment->start_ms, std::int64_t{0}, kTimeMax);
    cues.push_back({start, std::clamp(segment->end_ms, std::int64_t{0}, kTimeMax), std::move(text)});
  }
  for (std::size_t i = 0; i < cues.size(); ++i) {
    if (i > 0) cues[i].start_ms = std::max(cues[i].start_ms, cues[i - 1].start_ms + 1);
    if (i > 0) cues[i - 1].end_ms = std::min(cues[i - 1].end_ms, cues[i].start_ms);
    cues[i].end_ms = std::max(cues[i].end_ms, cues[i].start_ms + 1);
  }
  return cues;
}

std::string to_srt(std::span<const Segment> segments) {
  std::string out;
  std::size_t number = 0;
  for (Cue& cue : to_cues(segments)) {
    replace_all(cue.text, "-->", "-- >");
    out += std::to_string(++number) + "\n" + to_timing(cue, ',') + cue.text + "\n\n";
  }
  return out;
}

std::string to_vtt(std::span<const Segment> segments) {
  std::string out = "WEBVTT\n\n";
  std::size_t number = 0;
  for (Cue& cue : to_cues(segments)) {
    out += std::to_string(++number) + "\n" + to_timing(cue, '.') + to_vtt_text(std::move(cue.text)) + "\n\n";
  }
  return out;
}

std::string to_txt(std::span<const Segment> segments, std::span<const Gap> gaps) {
  std::string out;
  auto gap = gaps.begin();
  for (const Segment& segment : segments) {
    while (gap != gaps.end() && gap->start_ms <= segment.start_ms) out += to_gap_line(*gap++);
    const std::string text = to_cue_text(segment.text);
    if (!text.empty()) out += text + "\n";
  }
  while (gap != gaps.end()) out += to_gap_line(*gap++);
  return out;
}

std::string to_text(std::span<const Segment> segments) {
  std::string out;
  for (const Segment& segment : segments) {
    const std::string text = to_cue_text(segment.text);
    if (text.empty()) continue;
    if (!out.empty()) out += ' ';
    out += text;
  }
  return out;
}

std::string to_json(std::span<const Segment> segments, Facts facts) {
  std::string out = "{\"language\":";
  facts.language.empty() ? void(out += "null") : append_json_string(out, facts.language);
  out += ",\"duration_s\":";
  facts.duration_ms < 0 ? void(out += "null")
                        : append_json_number(out, static_cast<double>(facts.duration_ms) / 1000);
  out += ',';
  append_text(out, to_text(segments));
  out += "\"segments\":";
  append_list<Segment>(out, segments, &append_segment);
  out += ",\"gaps\":";
  append_list<Gap>(out, facts.gaps, &append_gap);
  out += "}\n";
  return out;
}

}  // namespace holdfast::transcript
