#include "worker/speech_frames.hpp"

#include <boost/json.hpp>
#include <cmath>

#include "core/speech/text.hpp"
#include "worker/frame.hpp"

namespace holdfast::worker::speech_frames {

namespace {

namespace json = boost::json;

constexpr std::int64_t kPositionMax = std::int64_t{1} << 40U;  // 34 years of milliseconds
constexpr std::int64_t kBeamMax = 8;                           // whisper.cpp has no more decoders
constexpr std::size_t kLanguageMax = 16;
constexpr std::size_t kSpansMax = 10'000;

/// A whole number within its limits, or what holds when it is not given.
Result<std::int64_t> count(const json::object& frame, std::string_view field, std::int64_t otherwise,
                           std::int64_t most) {
  const auto* value = frame.if_contains(field);
  if (value == nullptr) return otherwise;
  boost::system::error_code bad;
  const auto given = value->is_number() ? value->to_number<std::int64_t>(bad) : -1;
  if (bad || given < 0 || given > most) return malformed(field);
  return given;
}

Result<std::string> language_in(const json::object& frame) {
  const auto* value = frame.if_contains("language");
  if (value == nullptr) return "auto";
  if (!value->is_string()) return malformed("language");
  std::string language{value->get_string()};
  if (language.empty() || language.size() > kLanguageMax) return malformed("language");
  return language;
}

Result<bool> flag(const json::object& frame, std::string_view field, bool otherwise) {
  const auto* value = frame.if_contains(field);
  if (value == nullptr) return otherwise;
  if (!value->is_bool()) return malformed(field);
  return value->get_bool();
}

/// In order, none overlapping another.
Result<std::vector<speech::Region>> spans_in(const json::object& frame) {
  std::vector<speech::Region> spans;
  const auto* value = frame.if_contains("spans");
  if (value == nullptr) return spans;
  if (!value->is_array() || value->get_array().size() > kSpansMax) return malformed("spans");
  for (const json::value& each : value->get_array()) {
    if (!each.is_object()) return malformed("spans");
    speech::Region span;
    HF_TRY(span.start_ms, count(each.get_object(), "start_ms", kPositionMax, kPositionMax));
    HF_TRY(span.end_ms, count(each.get_object(), "end_ms", 0, kPositionMax));
    const std::int64_t after = spans.empty() ? 0 : spans.back().end_ms;
    if (span.start_ms < after || span.end_ms <= span.start_ms) return malformed("spans");
    spans.push_back(span);
  }
  return spans;
}

/// Four digits are more than a probability of a model is worth.
double rounded(double probability) { return std::round(probability * 10'000) / 10'000; }

json::array words_json(const std::vector<Word>& words) {
  json::array out;
  out.reserve(words.size());
  for (const Word& word : words) {
    out.push_back(json::object{{"start_ms", word.start_ms},
                               {"end_ms", word.end_ms},
                               {"text", word.text},
                               {"probability", rounded(word.probability)}});
  }
  return out;
}

json::object segment_json(const Segment& segment) {
  return {{"start_ms", segment.start_ms},
          {"end_ms", segment.end_ms},
          {"text", segment.text},
          {"confidence", rounded(segment.confidence)},
          {"words", words_json(segment.words)}};
}

json::array segments_json(const std::vector<Segment>& segments) {
  json::array out;
  for (const Segment& segment : segments) out.push_back(segment_json(segment));
  return out;
}

json::array gaps_json(const std::vector<Gap>& gaps) {
  json::array out;
  for (const Gap& gap : gaps) {
    out.push_back(json::object{{"start_ms", gap.start_ms}, {"end_ms", gap.end_ms}, {"cause", gap.cause}});
  }
  return out;
}

json::array spans_json(const std::vector<SpanHeard>& spans) {
  json::array out;
  for (const SpanHeard& heard : spans) {
    out.push_back(json::object{{"start_ms", heard.span.start_ms},
                               {"end_ms", heard.span.end_ms},
                               {"segments", segments_json(heard.segments)},
                               {"gaps", gaps_json(heard.gaps)}});
  }
  return out;
}

}  // namespace

Result<SpeechRequest> parse_request(std::string_view frame) {
  HF_TRY(const auto object, parse_object(frame));
  const auto* type = object.if_contains("type");
  if (type == nullptr || !type->is_string() || type->get_string() != "transcribe") return malformed("type");
  SpeechRequest request;
  HF_TRY(request.id, count(object, "id", 0, kPositionMax));
  HF_TRY(request.from_ms, count(object, "from_ms", 0, kPositionMax));
  HF_TRY(request.language, language_in(object));
  HF_TRY(const auto beam_size, count(object, "beam_size", 1, kBeamMax));
  request.beam_size = static_cast<unsigned>(std::max<std::int64_t>(1, beam_size));
  HF_TRY(request.word_times, flag(object, "word_times", true));
  HF_TRY(request.spans, spans_in(object));
  return request;
}

bool is_probe(std::string_view frame) {
  const auto object = parse_object(frame);
  const auto* type = object ? object->if_contains("type") : nullptr;
  return type != nullptr && *type == "probe";
}

std::int64_t id_of(std::string_view frame) {
  const auto object = parse_object(frame);
  const auto id = object ? count(*object, "id", 0, kPositionMax) : Result<std::int64_t>{0};
  return id.value_or(0);
}

std::string ready(std::string_view engine, std::int64_t load_ms) {
  return json::serialize(json::object{{"type", "ready"}, {"engine", engine}, {"load_ms", load_ms}});
}

std::string progress(std::int64_t id, double fraction) {
  return json::serialize(json::object{{"type", "progress"}, {"id", id}, {"fraction", fraction}});
}

std::string segments(std::int64_t id, const WindowDone& window) {
  return json::serialize(json::object{{"type", "segments"},
                                      {"id", id},
                                      {"position_ms", window.position_ms},
                                      {"language", window.language},
                                      {"segments", segments_json(window.segments)},
                                      {"gaps", gaps_json(window.gaps)}});
}

std::string finished(std::int64_t id, const SpeechReport& report) {
  json::object body{{"language", report.language},
                    {"language_probability", rounded(report.language_probability)},
                    {"duration_ms", report.duration_ms},
                    {"speech_ms", report.speech_ms}};
  if (!report.spans.empty()) body["spans"] = spans_json(report.spans);
  return json::serialize(json::object{{"type", "finished"}, {"id", id}, {"body", std::move(body)}});
}

std::string probed(std::int64_t id, const LanguageGuess& guess, double voice) {
  json::object body{{"language", guess.language},
                    {"language_probability", rounded(guess.probability)},
                    {"voice", rounded(voice)}};
  return json::serialize(json::object{{"type", "finished"}, {"id", id}, {"body", std::move(body)}});
}

std::string failed(std::optional<std::int64_t> id, const Error& error) {
  json::object frame{{"type", "failed"},
                     {"class", word_of(error.error_class())},
                     {"code", error.code()},
                     {"message", speech::clean_text(error.what())}};
  if (id) frame["id"] = *id;
  return json::serialize(frame);
}

}  // namespace holdfast::worker::speech_frames
