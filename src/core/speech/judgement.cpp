#include "core/speech/judgement.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "core/speech/cause.hpp"
#include "core/speech/gates.hpp"
#include "core/speech/text.hpp"

namespace holdfast::speech {
namespace {

Gap gap_of(const Region& where, Cause cause) { return {where.start_ms, where.end_ms, std::string{words_for(cause)}}; }

/// From the first to the last speech of a part.
Region extent_of(const std::vector<Region>& speech) { return {speech.front().start_ms, speech.back().end_ms}; }

std::size_t words_in(const std::vector<Segment>& segments) {
  std::size_t count = 0;
  for (const Segment& segment : segments) count += std::max<std::size_t>(segment.words.size(), 1);
  return count;
}

bool is_sparse(const std::vector<Segment>& segments, std::int64_t speech_ms) {
  const auto words_ms = static_cast<std::int64_t>(words_in(segments)) * kSparseWordMs;
  return !segments.empty() && speech_ms >= kSparseSpeechMs && words_ms < speech_ms;
}

/// Everything that parts of a window give, while it is gathered.
struct Gathered {
  Take take;
  std::vector<Region> speech;
  std::vector<Segment> dropped;
};

/// What has to be said of a whole part, if nothing of it can be shown. Little speech is not missed.
std::optional<Cause> fault_of(const Heard& heard, const std::vector<Segment>& kept, JudgedBy by) {
  if (heard.failed) return Cause::failed;
  if (!kept.empty() && heard.log_probability_mean < kGuessedLogProbability) return Cause::unsure;
  if (by.voice && is_sparse(kept, total_ms(heard.part.speech))) return Cause::unheard;
  return std::nullopt;
}

void gather(Gathered& all, Heard heard, JudgedBy by) {
  const std::vector<Region>& speech = heard.part.speech;
  all.speech.insert(all.speech.end(), speech.begin(), speech.end());
  for (Segment& gone : drop_invented(heard.segments, speech)) all.dropped.push_back(std::move(gone));
  const auto fault = fault_of(heard, heard.segments, by);
  if (fault && !speech.empty()) all.take.gaps.push_back(gap_of(extent_of(speech), *fault));
  if (!fault) std::ranges::move(heard.segments, std::back_inserter(all.take.segments));
}

/// Everything that text or a gap reaches, in order.
std::vector<Region> reached_by(const Take& take) {
  std::vector<Region> reached;
  for (const Segment& segment : take.segments) reached.push_back({segment.start_ms, segment.end_ms});
  for (const Gap& gap : take.gaps) reached.push_back({gap.start_ms, gap.end_ms});
  std::ranges::sort(reached, {}, &Region::start_ms);
  return reached;
}

void add_holes(Gathered& all) {
  for (const Region& hole : unreached(all.speech, reached_by(all.take))) {
    const bool invented = std::ranges::any_of(all.dropped, [&](const Segment& gone) {
      return overlap_ms(hole, {gone.start_ms, gone.end_ms}) > 0;
    });
    all.take.gaps.push_back(gap_of(hole, invented ? Cause::invented : Cause::unheard));
  }
}

bool text_between(const Take& take, std::int64_t start_ms, std::int64_t end_ms) {
  return std::ranges::any_of(take.segments, [&](const Segment& segment) {
    return segment.start_ms < end_ms && segment.end_ms > start_ms;
  });
}

/// In order; what overlaps or follows without text between is one gap where the cause is the same.
void put_in_order(Take& take) {
  std::ranges::sort(take.gaps, {}, [](const Gap& gap) { return std::pair{gap.start_ms, gap.end_ms}; });
  std::vector<Gap> ordered;
  for (Gap& gap : take.gaps) {
    Gap* last = ordered.empty() ? nullptr : &ordered.back();
    const bool same = last != nullptr && last->cause == gap.cause && !text_between(take, last->end_ms, gap.start_ms);
    if (same) last->end_ms = std::max(last->end_ms, gap.end_ms);
    if (same) continue;
    if (last != nullptr) gap.start_ms = std::max(gap.start_ms, last->end_ms);
    if (gap.start_ms < gap.end_ms) ordered.push_back(std::move(gap));
  }
  take.gaps = std::move(ordered);
}

std::int64_t speech_in(const std::vector<Gap>& gaps, const std::vector<Region>& speech) {
  std::int64_t lost = 0;
  for (const Gap& gap : gaps) {
    for (const Region& region : speech) lost += overlap_ms({gap.start_ms, gap.end_ms}, region);
  }
  return lost;
}

/// The speech that is left when `taken`, in order, is taken out of it.
std::vector<Region> without(const std::vector<Region>& speech, const std::vector<Region>& taken) {
  std::vector<Region> rest;
  for (Region region : speech) {
    for (const Region& out : taken) {
      if (overlap_ms(region, out) == 0) continue;
      if (out.start_ms > region.start_ms) rest.push_back({region.start_ms, out.start_ms});
      region.start_ms = std::min(region.end_ms, out.end_ms);
    }
    if (region.start_ms < region.end_ms) rest.push_back(region);
  }
  return rest;
}

}  // namespace

std::vector<Region> unreached(const std::vector<Region>& speech, const std::vector<Region>& reached) {
  struct Stretch {
    Region span;
    std::int64_t speech_ms = 0;
  };
  std::vector<Stretch> stretches;
  for (const Region& piece : without(speech, reached)) {
    const bool goes_on = !stretches.empty() && std::ranges::none_of(reached, [&](const Region& between) {
      return between.start_ms < piece.start_ms && between.end_ms > stretches.back().span.start_ms;
    });
    if (!goes_on) stretches.push_back({.span = {piece.start_ms, piece.start_ms}});
    stretches.back().span.end_ms = piece.end_ms;
    stretches.back().speech_ms += length_ms(piece);
  }
  std::vector<Region> out;
  for (const Stretch& stretch : stretches) {
    if (stretch.speech_ms >= kClearSpeechMs) out.push_back(stretch.span);
  }
  return out;
}

Take judge(std::vector<Heard> parts, JudgedBy by) {
  Gathered all;
  for (Heard& part : parts) gather(all, std::move(part), by);
  all.take.invented = static_cast<std::size_t>(std::ranges::count_if(
      all.dropped, [](const Segment& gone) { return !is_note(gone.text) && !is_doubtful_hum(gone); }));
  for (const Region& loop : cut_loops(all.take.segments, by.spaced, !by.fills))
    all.take.gaps.push_back(gap_of(loop, Cause::loop));
  if (by.voice) add_holes(all);
  put_in_order(all.take);
  all.take.lost_ms = speech_in(all.take.gaps, all.speech);
  return std::move(all.take);
}

}  // namespace holdfast::speech
