#include <array>
#include <boost/json.hpp>
#include <cmath>

#include "core/transcript/export.hpp"
#include "web/file_name.hpp"
#include "web/routes/routes.hpp"

namespace holdfast::web {
namespace {

namespace json = boost::json;

struct Published {
  std::string language;
  std::int64_t duration_ms = -1;
  std::vector<Gap> gaps;
};

std::int64_t milliseconds_of(const json::value& seconds) {
  return seconds.is_number() ? std::llround(seconds.to_number<double>() * 1000) : 0;
}

/// The gaps as the item shows them, so that the file and the page never say different things.
std::vector<Gap> gaps_of(const json::object& transcript) {
  std::vector<Gap> out;
  const auto* list = transcript.if_contains("gaps");
  if (list == nullptr || !list->is_array()) return out;
  for (const json::value& each : list->get_array()) {
    if (!each.is_object()) continue;
    json::object gap = each.get_object();
    const auto* cause = gap["cause"].if_string();
    out.push_back({.start_ms = milliseconds_of(gap["start_s"]),
                   .end_ms = milliseconds_of(gap["end_s"]),
                   .cause = cause != nullptr ? std::string{*cause} : std::string{}});
  }
  return out;
}

/// What the transcribing stage said, or nothing while there is no whole transcript.
std::optional<Published> published_transcript(const std::vector<StoredResult>& results, const Job& job) {
  const auto found = std::ranges::find(results, "transcript", &StoredResult::name);
  if (found == results.end()) return std::nullopt;
  Published out{.duration_ms = job.duration_ms};
  boost::system::error_code bad;
  const json::value value = json::parse(found->json, bad);
  if (bad || !value.is_object()) return out;
  if (const auto* language = value.get_object().if_contains("language");
      language != nullptr && language->is_string()) {
    out.language = language->get_string();
  }
  out.gaps = gaps_of(value.get_object());
  return out;
}

struct Rendered {
  std::string_view media_type;
  std::string text;
};

std::optional<Rendered> render(std::string_view format, const std::vector<Segment>& segments,
                               const Published& facts) {
  if (format == "srt") return Rendered{"application/x-subrip; charset=utf-8", transcript::to_srt(segments)};
  if (format == "vtt") return Rendered{"text/vtt; charset=utf-8", transcript::to_vtt(segments)};
  if (format == "txt") return Rendered{"text/plain; charset=utf-8", transcript::to_txt(segments, facts.gaps)};
  if (format != "json") return std::nullopt;
  return Rendered{"application/json",
                  transcript::to_json(segments, {facts.language, facts.duration_ms, facts.gaps})};
}

/// "ana.mp4" and "srt" -> "ana.srt"
std::string file_name_for(const Job& job, std::string_view format) {
  const std::string name = clean_file_name(job.input.name);
  return name.substr(0, name.find_last_of('.')) + "." + std::string{format};
}

Task<Result<Response>> get_transcript(Context* context, Exchange* exchange) {
  HF_CO_TRY(const Job job, co_await find_item(context, exchange));
  HF_CO_TRY(const ItemRecord record, co_await read_record(context, job.id));
  if (record.job.results_expired_at)
    co_return fail(ErrorClass::not_found, "HF-ITM-09", "the transcript is no longer kept");
  const auto published = published_transcript(record.results, record.job);
  if (!published) co_return fail(ErrorClass::conflict, "HF-ITM-03", "the transcript is not ready");
  const std::string& format = exchange->path_values["format"];
  auto rendered = render(format, record.segments, *published);
  if (!rendered) co_return fail(ErrorClass::not_found, "HF-REQ-06", "the formats are srt, vtt, txt and json");
  Response response = make_response(200, std::string{rendered->media_type}, std::move(rendered->text));
  response.with("Content-Disposition", attachment(file_name_for(job, format)));
  co_return response;
}

}  // namespace

void add_transcript_routes(std::vector<Route>& table) {
  table.push_back({.method = "GET",
                   .path = "/api/v1/items/{id}/transcript.{format}",
                   .operation = "getTranscript",
                   .summary = "The transcript as a file: SubRip, WebVTT, plain text or JSON.",
                   .parameters = {kItemId, {"format", "path", "srt|vtt|txt|json", "Which kind of file."}},
                   .replies = {{200, "The file.", "text/vtt", ""},
                               {200, "The file.", "text/plain", ""},
                               {200, "The file.", "application/x-subrip", ""},
                               {200, "The file.", "application/json", "TranscriptFile"},
                               kNoSuchItem,
                               kNoLongerKept,
                               {409, "The transcript is not ready.", "application/problem+json", "Problem"}},
                   .handler = &get_transcript});
}

}  // namespace holdfast::web
