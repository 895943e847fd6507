#include "flow/stages/transcribe/fill_gaps.hpp"

#include <boost/json.hpp>
#include <cmath>

#include "core/transcript/fill.hpp"
#include "flow/stages/body.hpp"
#include "flow/stages/spoken.hpp"

namespace holdfast::stages {
namespace {

namespace json = boost::json;

std::unexpected<Error> unusable_gaps() {
  return fail(ErrorClass::transient, "HF-SRV-01", "the speech worker's answer about gaps cannot be used");
}

const StoredResult* published(const StageInput& input) {
  const auto found = std::ranges::find(input.results, "transcript", &StoredResult::name);
  return found == input.results.end() ? nullptr : &*found;
}

/// A list of objects, each read by `read`. Errors: it is no list, or one of them cannot be read.
template <class T, class Read>
Result<std::vector<T>> list_of(const json::object& from, std::string_view field, Read read) {
  const json::value* list = from.if_contains(field);
  std::vector<T> out;
  if (list == nullptr || !list->is_array()) return unusable_gaps();
  for (const json::value& each : list->get_array()) {
    if (!each.is_object()) return unusable_gaps();
    HF_TRY(out.emplace_back(), read(each.get_object()));
  }
  return out;
}

/// Start and end, in order.
Result<speech::Region> region_of(const json::object& from) {
  const speech::Region region{body::count_or(from, "start_ms", -1), body::count_or(from, "end_ms", -1)};
  if (region.start_ms < 0 || region.end_ms < region.start_ms) return unusable_gaps();
  return region;
}

double share_of(const json::object& from, std::string_view field) {
  const double share = body::number_or(from, field, 0);
  return std::isfinite(share) ? std::clamp(share, 0.0, 1.0) : 0;
}

Result<Word> word_of(const json::object& from) {
  HF_TRY(const auto at, region_of(from));
  return Word{at.start_ms, at.end_ms, body::text_or_empty(from, "text"), share_of(from, "probability")};
}

Result<Segment> segment_of(const json::object& from) {
  HF_TRY(const auto at, region_of(from));
  Segment segment{.start_ms = at.start_ms,
                  .end_ms = at.end_ms,
                  .text = body::text_or_empty(from, "text"),
                  .confidence = share_of(from, "confidence")};
  HF_TRY(segment.words, list_of<Word>(from, "words", &word_of));
  return segment;
}

Result<Gap> gap_of(const json::object& from) {
  HF_TRY(const auto at, region_of(from));
  return Gap{at.start_ms, at.end_ms, body::text_or_empty(from, "cause")};
}

Result<transcript::Refilled> refilled_of(const json::object& from) {
  transcript::Refilled refilled;
  HF_TRY(refilled.span, region_of(from));
  HF_TRY(refilled.segments, list_of<Segment>(from, "segments", &segment_of));
  HF_TRY(refilled.gaps, list_of<Gap>(from, "gaps", &gap_of));
  return refilled;
}

}  // namespace

json::array gap_objects(const std::vector<Gap>& gaps) {
  json::array out;
  for (const Gap& gap : gaps) {
    out.push_back(json::object{
        {"start_s", body::seconds(gap.start_ms)}, {"end_s", body::seconds(gap.end_ms)}, {"cause", gap.cause}});
  }
  return out;
}

std::vector<std::string> lacks(std::size_t gaps_count, bool no_speech) {
  std::vector<std::string> out;
  if (no_speech) out.emplace_back(transcript::kNoSpeechWarning);
  if (gaps_count > 0) out.push_back(transcript::gaps_warning(gaps_count));
  return out;
}

void ask_for_spans(const StageInput& input, json::object& request) {
  json::array spans;
  for (const speech::Region& span : current_stage(input.job)->fill)
    spans.push_back(json::object{{"start_ms", span.start_ms}, {"end_ms", span.end_ms}});
  request["spans"] = std::move(spans);
  const StoredResult* before = published(input);
  const auto told = before != nullptr ? body::parse_object(before->json, "the transcribe stage") : unusable_gaps();
  const std::string language = told ? body::text_or_empty(*told, "language") : std::string{};
  if (!language.empty()) request["language"] = language;
}

Result<decide::StageOutcome> conclude_fill(const StageInput& input, const Finished& answer) {
  HF_TRY(const auto told, body::parse_object(answer.body, "the speech worker"));
  HF_TRY(auto refilled, list_of<transcript::Refilled>(told, "spans", &refilled_of));
  const StoredResult* before = published(input);
  if (before == nullptr)
    return fail(ErrorClass::permanent, "HF-STO-03", "the transcript whose gaps are to be filled is not there");
  HF_TRY(auto shown, body::parse_object(before->json, "the transcribe stage"));
  decide::StageOutcome outcome{.warnings = body::sentences(told, "warnings")};
  outcome.filled = transcript::fill({.segments = input.segments, .gaps = input.gaps}, std::move(refilled));
  const auto& whole = outcome.filled.whole;
  const bool no_speech = spoken(whole.segments).empty();
  shown["gaps"] = gap_objects(whole.gaps);
  shown["no_speech"] = no_speech;
  std::ranges::move(lacks(whole.gaps.size(), no_speech), std::back_inserter(outcome.warnings));
  outcome.publish.push_back({.name = "transcript", .json = json::serialize(shown)});
  return outcome;
}

}  // namespace holdfast::stages
