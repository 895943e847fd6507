#include <array>
#include <boost/json.hpp>

#include "core/transcript/export.hpp"
#include "web/file_name.hpp"
#include "web/routes/routes.hpp"

namespace holdfast::web {
namespace {

namespace json = boost::json;

struct Published {
  std::string language;
  std::int64_t duration_ms = -1;
};

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
  if (format == "txt") return Rendered{"text/plain; charset=utf-8", transcript::to_txt(segments)};
  if (format != "json") return std::nullopt;
  return Rendered{"application/json", transcript::to_json(segments, {facts.language, facts.duration_ms})};
}

/// "ana.mp4" and "srt" -> "ana.srt"
std::string file_name_for(const Job& job, std::string_view format) {
  const std::string name = clean_file_name(job.input.name);
  return name.substr(0, name.find_last_of('.')) + "." + std::string{format};
}

Task<Result<Response>> get_transcript(Context* context, Exchange* exchange) {
  HF_CO_TRY(const Job job, co_await find_item(context, exchange));
  HF_CO_TRY(const auto results, co_await context->store().results(job.id));
  const auto published = published_transcript(results, job);
  if (!published) co_return fail(ErrorClass::conflict, "HF-ITM-03", "the transcript is not ready");
  HF_CO_TRY(const auto segments, co_await context->store().segments(job.id));
  const std::string& format = exchange->path_values["format"];
  auto rendered = render(format, segments, *published);
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
                               {409, "The transcript is not ready.", "application/problem+json", "Problem"}},
                   .handler = &get_transcript});
}

}  // namespace holdfast::web
