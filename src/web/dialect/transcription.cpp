#include "web/dialect/transcription.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cmath>

#include "core/transcript/export.hpp"
#include "core/transcript/text.hpp"
#include "flow/views/json_text.hpp"
#include "web/dialect/call.hpp"
#include "web/dialect/error.hpp"

namespace holdfast::web::dialect {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 5> kFormats{"json", "text", "srt", "vtt", "verbose_json"};
constexpr std::string_view kPlain = "text/plain; charset=utf-8";

Result<bool> flag_of(std::string_view name, std::string_view value) {
  if (value == "true" || value == "True" || value == "1") return true;
  if (value == "false" || value == "False" || value == "0") return false;
  return refuse(name, "is not true or false");
}

bool is_language(std::string_view code) {
  const bool letters = std::ranges::all_of(code, [](char letter) { return letter >= 'a' && letter <= 'z'; });
  return letters && (code.size() == 2 || code.size() == 3);
}

/// The speech model draws nothing by chance unless it must.
bool is_zero(std::string_view value) { return value.find_first_not_of("0.") == std::string_view::npos; }

double seconds(std::int64_t ms) { return static_cast<double>(ms) / 1000; }

json::array segment_objects(const std::vector<Segment>& segments) {
  json::array out;
  for (const Segment& segment : segments) {
    out.push_back(json::object{{"id", out.size()},
                               {"start", seconds(segment.start_ms)},
                               {"end", seconds(segment.end_ms)},
                               {"text", transcript::to_valid_utf8(segment.text)},
                               {"avg_logprob", std::log(std::max(segment.confidence, 1e-6))}});
  }
  return out;
}

json::array word_objects(const std::vector<Segment>& segments) {
  json::array out;
  for (const Segment& segment : segments) {
    for (const Word& word : segment.words) {
      out.push_back(json::object{{"word", transcript::to_valid_utf8(word.text)},
                                 {"start", seconds(word.start_ms)},
                                 {"end", seconds(word.end_ms)}});
    }
  }
  return out;
}

json::object verbose(const ItemRecord& record, const TranscriptionForm& form, const json::object& transcript) {
  json::object out{{"task", "transcribe"},
                   {"language", transcript.at("language")},
                   {"duration", transcript.at("duration_s")},
                   {"text", transcript::to_text(record.segments)}};
  if (form.segments || !form.words) out["segments"] = segment_objects(record.segments);
  if (form.words) out["words"] = word_objects(record.segments);
  out["gaps"] = transcript.at("gaps");
  return out;
}

json::object duration_usage(const json::object& transcript) {
  return {{"type", "duration"}, {"seconds", std::ceil(transcript.at("duration_s").to_number<double>())}};
}

/// What the speech stage published, with all that is read of it below. Errors: as result_of.
Result<json::object> transcript_of(const ItemRecord& record) {
  HF_TRY(json::object transcript, result_of(record, "transcript"));
  const json::value* duration = transcript.if_contains("duration_s");
  if (duration == nullptr || !duration->is_number())
    transcript["duration_s"] = seconds(std::max<std::int64_t>(record.job.duration_ms, 0));
  for (const char* name : {"language", "gaps"}) transcript.emplace(name, nullptr);
  return transcript;
}

std::string typed_event(const json::object& what) {
  const auto& type = what.at("type").as_string();
  return "event: " + std::string{type} + "\ndata: " + views::to_text(what) + "\n\n";
}

}  // namespace

Result<void> TranscriptionForm::take_field(std::string_view name, std::string value) {
  if (value.empty()) return {};
  if (name == "model") {
    model = std::move(value);
  } else if (name == "language") {
    if (!is_language(value)) return refuse(name, "is no code of two or three small letters, such as en");
    language = std::move(value);
  } else if (name == "response_format") {
    if (std::ranges::find(kFormats, value) == kFormats.end())
      return refuse(name, "is not json, text, srt, vtt or verbose_json");
    format = std::move(value);
  } else if (name == "timestamp_granularities[]" || name == "timestamp_granularities") {
    if (value != "word" && value != "segment") return refuse("timestamp_granularities", "are word and segment");
    (value == "word" ? words : segments) = true;
  } else if (name == "stream") {
    HF_TRY(stream, flag_of(name, value));
  } else if (name == "temperature") {
    if (!is_zero(value)) return refuse(name, "can only be 0");
  } else if (name != "chunking_strategy" || value != "auto") {
    return refuse(transcript::to_valid_utf8(name.substr(0, 64)), "is not supported");
  }
  return {};
}

Result<void> TranscriptionForm::check() const {
  if ((words || segments) && format != "verbose_json")
    return refuse("timestamp_granularities", "need the response_format verbose_json");
  if (stream && format != "json" && format != "text") return refuse("stream", "needs the response_format json or text");
  return {};
}

Result<Response> transcription_answer(const ItemRecord& record, const TranscriptionForm& form) {
  HF_TRY(const json::object transcript, transcript_of(record));
  if (form.format == "srt") return make_response(200, std::string{kPlain}, transcript::to_srt(record.segments));
  if (form.format == "vtt") return make_response(200, std::string{kPlain}, transcript::to_vtt(record.segments));
  const std::string text = transcript::to_text(record.segments);
  if (form.format == "text") return make_response(200, std::string{kPlain}, text + "\n");
  if (form.format == "verbose_json") return json_response(200, verbose(record, form, transcript));
  return json_response(200, json::object{{"text", text}, {"usage", duration_usage(transcript)}});
}

Result<std::string> transcription_events(const ItemRecord& record) {
  HF_TRY(const json::object transcript, transcript_of(record));
  std::string out;
  std::string said;
  for (const Segment& segment : record.segments) {
    const std::string text = transcript::to_text({&segment, 1});
    if (text.empty()) continue;
    const std::string delta = said.empty() ? text : " " + text;
    said += delta;
    out += typed_event({{"type", "transcript.text.delta"}, {"delta", delta}});
  }
  return out + typed_event({{"type", "transcript.text.done"}, {"text", said}, {"usage", duration_usage(transcript)}});
}

}  // namespace holdfast::web::dialect
