#include "adapters/process/worker_answer.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cmath>
#include <utility>

namespace holdfast::process {
namespace {

namespace json = boost::json;

constexpr std::size_t kMessageMax = 1000;
constexpr std::size_t kCodeMax = 16;

std::unexpected<Error> broken(std::string_view what) {
  return fail(ErrorClass::transient, kWorkerDied, "the worker broke the protocol: " + std::string{what});
}

Result<json::object> parse_object(std::string_view frame) {
  boost::system::error_code error;
  json::value value = json::parse({frame.data(), frame.size()}, error);
  if (error || !value.is_object()) return broken("no JSON object");
  return std::move(value).as_object();
}

std::string_view text_at(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr || !value->is_string()) return {};
  return {value->get_string().data(), value->get_string().size()};
}

/// False: missing or no number.
bool number_of(const json::object& object, std::string_view key, double& into) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr || !value->is_number()) return false;
  into = value->to_number<double>();
  return std::isfinite(into);
}
bool time_of(const json::object& object, std::string_view key, std::int64_t& into) {
  double value = 0;
  constexpr double kYearMs = 366.0 * 24 * 3600 * 1000;
  if (!number_of(object, key, value) || value < 0 || value > kYearMs) return false;
  into = static_cast<std::int64_t>(value);
  return true;
}
bool share_of(const json::object& object, std::string_view key, double& into) {
  return number_of(object, key, into) && into >= 0 && into <= 1;
}

Error read_failure(const json::object& object) {
  constexpr std::array<std::pair<std::string_view, ErrorClass>, 4> kClasses{{
      {"transient", ErrorClass::transient},
      {"dependency", ErrorClass::dependency},
      {"resource", ErrorClass::resource},
      {"permanent", ErrorClass::permanent},
  }};
  const std::string_view word = text_at(object, "class");
  const auto* const found =
      std::ranges::find(kClasses, word, &std::pair<std::string_view, ErrorClass>::first);
  const std::string_view code = text_at(object, "code");
  const bool coded = code.starts_with("HF-") && code.size() <= kCodeMax;
  return Error{found == kClasses.end() ? ErrorClass::transient : found->second, coded ? code : kWorkerDied,
               std::string{text_at(object, "message").substr(0, kMessageMax)}};
}

Result<Word> read_word(const json::value& value) {
  Word word;
  const json::object* object = value.if_object();
  if (object == nullptr || !time_of(*object, "start_ms", word.start_ms) ||
      !time_of(*object, "end_ms", word.end_ms) || !share_of(*object, "probability", word.probability)) {
    return broken("a word");
  }
  word.text = text_at(*object, "text");
  return word;
}

Result<Segment> read_segment(const json::value& value) {
  Segment segment;
  const json::object* object = value.if_object();
  if (object == nullptr || !time_of(*object, "start_ms", segment.start_ms) ||
      !time_of(*object, "end_ms", segment.end_ms) || !share_of(*object, "confidence", segment.confidence)) {
    return broken("a segment");
  }
  segment.text = text_at(*object, "text");
  const json::value* words = object->if_contains("words");
  if (words == nullptr) return segment;
  if (!words->is_array()) return broken("the words of a segment");
  for (const json::value& each : words->get_array()) {
    HF_TRY(auto word, read_word(each));
    segment.words.push_back(std::move(word));
  }
  return segment;
}

Result<Gap> read_gap(const json::value& value) {
  Gap gap;
  const json::object* object = value.if_object();
  if (object == nullptr || !time_of(*object, "start_ms", gap.start_ms) ||
      !time_of(*object, "end_ms", gap.end_ms) || gap.end_ms < gap.start_ms) {
    return broken("a gap");
  }
  gap.cause = text_at(*object, "cause");
  if (gap.cause.size() > kMessageMax) return broken("the cause of a gap");
  return gap;
}

/// A list of a frame, each element of it read by `read`.
template <class T>
Result<std::vector<T>> read_list(const json::object& object, std::string_view key,
                                 Result<T> (*read)(const json::value&)) {
  const json::value* list = object.if_contains(key);
  if (list == nullptr || !list->is_array()) return broken(key);
  std::vector<T> out;
  for (const json::value& each : list->get_array()) {
    HF_TRY(auto element, read(each));
    out.push_back(std::move(element));
  }
  return out;
}

Result<Answer> read_segments(const json::object& object) {
  SegmentsDone done;
  if (!time_of(object, "position_ms", done.position_ms)) return broken("the position of segments");
  HF_TRY(done.segments, read_list(object, "segments", &read_segment));
  HF_TRY(done.gaps, read_list(object, "gaps", &read_gap));
  return done;
}

Result<Answer> read_finished(const json::object& object) {
  const json::value* body = object.if_contains("body");
  if (body == nullptr || !body->is_object()) return broken("a result without body");
  return Finished{.body = json::serialize(*body)};
}

Result<Answer> read_progress(const json::object& object) {
  Progress progress;
  if (!share_of(object, "fraction", progress.fraction)) return broken("progress");
  return progress;
}

bool answers(const json::object& object, std::uint64_t id) {
  const json::value* number = object.if_contains("id");
  if (number == nullptr) return false;
  boost::system::error_code error;
  const auto value = number->to_number<std::uint64_t>(error);
  return !error && value == id;
}

}  // namespace

Result<Answer> parse_answer(std::string_view frame, std::uint64_t id) {
  HF_TRY(const json::object object, parse_object(frame));
  if (!answers(object, id)) return broken("an answer to another request");
  const std::string_view type = text_at(object, "type");
  if (type == "progress") return read_progress(object);
  if (type == "segments") return read_segments(object);
  if (type == "finished") return read_finished(object);
  if (type == "failed") return Refusal{read_failure(object)};
  return broken("an answer of unknown type");
}

Result<void> parse_greeting(std::string_view frame) {
  HF_TRY(const json::object object, parse_object(frame));
  const std::string_view type = text_at(object, "type");
  if (type == "ready") return {};
  if (type == "failed") return std::unexpected{read_failure(object)};
  return broken("a first frame that is no greeting");
}

Result<std::string> make_request(std::string_view body, std::uint64_t id) {
  boost::system::error_code error;
  json::value request = json::parse({body.data(), body.size()}, error);
  if (error || !request.is_object())
    return fail(ErrorClass::permanent, "HF-SRV-01", "the request is no JSON object");
  request.get_object()["id"] = id;
  return json::serialize(request);
}

}  // namespace holdfast::process
