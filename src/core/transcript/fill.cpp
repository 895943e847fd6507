#include "core/transcript/fill.hpp"

#include <algorithm>
#include <iterator>

namespace holdfast::transcript {
namespace {

constexpr std::string_view kTriedAgain = " (tried again)";
constexpr std::string_view kLack = " of the recording could not be transcribed";

bool is_inside(std::int64_t start_ms, std::int64_t end_ms, const speech::Region& span) {
  return span.start_ms <= start_ms && start_ms <= end_ms && end_ms <= span.end_ms;
}

/// Text with words, in order, inside the span.
std::vector<Segment> usable(std::vector<Segment> segments, const speech::Region& span) {
  std::int64_t last = span.start_ms;
  std::erase_if(segments, [&](const Segment& segment) {
    const bool fits = segment.start_ms >= last && is_inside(segment.start_ms, segment.end_ms, span);
    if (fits) last = segment.start_ms;
    return !fits || segment.text.empty();
  });
  return segments;
}

std::vector<Gap> usable(std::vector<Gap> gaps, const speech::Region& span) {
  std::int64_t last = span.start_ms;
  std::erase_if(gaps, [&](const Gap& gap) {
    const bool fits = gap.start_ms >= last && is_inside(gap.start_ms, gap.end_ms, span);
    if (fits) last = gap.end_ms;
    return !fits;
  });
  for (Gap& gap : gaps) gap.cause = tried_again(gap.cause);
  return gaps;
}

/// After all that begin no later: text from before stays in the order it has.
void insert(std::vector<Segment>& all, std::vector<Segment> more) {
  for (Segment& segment : more) {
    const auto at = std::ranges::upper_bound(all, segment.start_ms, {}, &Segment::start_ms);
    all.insert(at, std::move(segment));
  }
}

void fill_one(Filled& filled, Refilled one) {
  auto& gaps = filled.whole.gaps;
  const auto gap = std::ranges::find_if(
      gaps, [&](const Gap& g) { return g.start_ms == one.span.start_ms && g.end_ms == one.span.end_ms; });
  if (gap == gaps.end()) return;
  auto text = usable(std::move(one.segments), one.span);
  if (text.empty()) {
    gap->cause = tried_again(gap->cause);
    return;
  }
  filled.segments_gained += text.size();
  filled.filled += 1;
  insert(filled.whole.segments, std::move(text));
  auto rest = usable(std::move(one.gaps), one.span);
  const auto place = gaps.erase(gap);
  gaps.insert(place, std::make_move_iterator(rest.begin()), std::make_move_iterator(rest.end()));
}

}  // namespace

Filled fill(Whole before, std::vector<Refilled> refilled) {
  Filled filled{.whole = std::move(before)};
  for (Refilled& one : refilled) fill_one(filled, std::move(one));
  return filled;
}

std::string tried_again(std::string_view cause) {
  std::string said{cause};
  if (!said.ends_with(kTriedAgain)) said += kTriedAgain;
  return said;
}

std::vector<speech::Region> gaps_to_fill(std::span<const Gap> gaps, std::int64_t start_ms) {
  std::vector<speech::Region> spans;
  for (const Gap& gap : gaps) {
    const bool asked = start_ms == kAll || gap.start_ms == start_ms;
    if (asked && gap.start_ms < gap.end_ms) spans.push_back({gap.start_ms, gap.end_ms});
  }
  return spans;
}

std::string gaps_warning(std::size_t gaps_count) {
  return std::to_string(gaps_count) + (gaps_count == 1 ? " part" : " parts") + std::string{kLack};
}

bool is_about_lack(std::string_view warning) { return warning.ends_with(kLack) || warning == kNoSpeechWarning; }

}  // namespace holdfast::transcript
