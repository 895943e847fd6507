#include "flow/recovery/by_hand.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>

#include "flow/stages/body.hpp"
#include "flow/stages/extraction_json.hpp"
#include "flow/stages/generate/shape.hpp"
#include "flow/views/item_view.hpp"
#include "flow/views/json_text.hpp"

namespace holdfast::recovery {
namespace {

namespace json = boost::json;

constexpr double kSecondsMax = 30.0 * 86'400;  ///< no recording is longer than a month

std::unexpected<Error> refuse_result(const std::string& why) { return fail(ErrorClass::invalid, "HF-ITM-08", why); }

/// The stage that makes the result of that name; empty: none.
std::string stage_of(const Job& job, const Recipe& recipe, std::string_view result) {
  for (const StageRecord& stage : job.stages) {
    const StageConfig* config = find_stage(recipe, stage.name);
    const std::string_view made = stage.kind == "transcribe" ? "transcript"
                                  : config != nullptr        ? std::string_view{config->result}
                                                             : std::string_view{};
    if (!made.empty() && made == result) return stage.name;
  }
  return {};
}

std::optional<std::int64_t> ms_of(const json::object& segment, std::string_view name) {
  const double seconds = stages::body::number_or(segment, name, -1);
  if (!std::isfinite(seconds) || seconds < 0 || seconds > kSecondsMax) return std::nullopt;
  return std::llround(seconds * 1000);
}

Result<Segment> segment_of(const json::value& entered, std::int64_t after_ms) {
  if (!entered.is_object()) return refuse_result("a segment is an object");
  const auto start = ms_of(entered.get_object(), "start_s");
  const auto end = ms_of(entered.get_object(), "end_s");
  std::string text = stages::body::text_or_empty(entered.get_object(), "text");
  if (!start || !end || *start < after_ms || *end < *start)
    return refuse_result("segments are in order and do not overlap");
  if (text.empty()) return refuse_result("a segment has a text");
  return Segment{.start_ms = *start, .end_ms = *end, .text = std::move(text), .confidence = 1};
}

Result<std::vector<Segment>> segments_of(const Job& job, const json::object& transcript) {
  std::vector<Segment> segments;
  const json::value* listed = transcript.if_contains("segments");
  if (listed == nullptr) {
    std::string text = stages::body::text_or_empty(transcript, "text");
    if (text.empty()) return refuse_result("a transcript has a text");
    const std::int64_t end_ms = std::max<std::int64_t>(job.duration_ms, 0);
    segments.push_back({.start_ms = 0, .end_ms = end_ms, .text = std::move(text), .confidence = 1});
    return segments;
  }
  if (!listed->is_array() || listed->get_array().empty()) return refuse_result("segments are a list");
  for (const json::value& entered : listed->get_array()) {
    HF_TRY(Segment segment, segment_of(entered, segments.empty() ? 0 : segments.back().end_ms));
    segments.push_back(std::move(segment));
  }
  return segments;
}

/// As the transcribe stage publishes it: text and segments are stored apart.
json::object published_transcript(const Job& job, const json::object& entered) {
  const double duration = static_cast<double>(std::max<std::int64_t>(job.duration_ms, 0)) / 1000;
  return {{"language", stages::body::text_or_empty(entered, "language")},
          {"duration_s", duration},
          {"gaps", json::array{}},
          {"no_speech", false}};
}

/// What the stage's shape takes out of a transcript, if it does.
std::optional<ExtractionKind> kind_of(const Recipe& recipe, const std::string& stage) {
  const StageConfig* config = find_stage(recipe, stage);
  const auto* shape = config != nullptr ? stages::find_shape(config->shape) : nullptr;
  return shape != nullptr ? shape->extracts() : std::nullopt;
}

Result<std::vector<Extraction>> extractions_of(const json::object& entered, ExtractionKind kind) {
  const json::value* listed = entered.if_contains("items");
  if (listed == nullptr || !listed->is_array()) return refuse_result("memories and action items are a list, \"items\"");
  std::vector<Extraction> made;
  for (const json::value& one : listed->get_array()) {
    auto extraction = stages::extraction_of(one, kind);
    if (!extraction) return refuse_result(extraction.error().what());
    extraction->segments.clear();  // a person remembers; whether it was said there nobody has looked
    made.push_back(*std::move(extraction));
  }
  return made;
}

}  // namespace

Result<decide::ByHand> by_hand(const Job& job, const Recipe& recipe, const json::object& entered, const Hand& hand) {
  decide::ByHand made{.who = hand.who};
  const json::object mark{{"operator", hand.who}, {"at", views::to_rfc3339(hand.at)}};
  for (const auto& [name, value] : entered) {
    const std::string stage = stage_of(job, recipe, name);
    if (stage.empty()) return refuse_result("the recipe has no result named '" + std::string{name} + "'");
    if (!value.is_object()) return refuse_result("'" + std::string{name} + "' is an object");
    json::object published = value.get_object();
    if (name == "transcript") {
      HF_TRY(made.segments, segments_of(job, published));
      published = published_transcript(job, published);
    }
    NamedResult result{.stage = stage, .name = std::string{name}};
    if (const auto kind = kind_of(recipe, stage)) {
      HF_TRY(result.extractions, extractions_of(published, *kind));
      published = stages::list_mark(*kind);
    }
    published["by_hand"] = mark;
    result.json = views::to_text(published);
    made.results.push_back(std::move(result));
  }
  return made;
}

}  // namespace holdfast::recovery
