#include <boost/json.hpp>

#include "core/catalogue/catalogue.hpp"
#include "flow/spool/spooled_store.hpp"
#include "flow/views/item_view.hpp"
#include "web/receive_upload.hpp"
#include "web/routes/routes.hpp"

namespace holdfast::web {
namespace {

namespace json = boost::json;

constexpr Parameter kKey{"Idempotency-Key", "header", "string",
                         "As job_id: sending the same file with the same key again gives the same item."};

Task<Result<Response>> upload_video(Context* context, Exchange* exchange) {
  HF_CO_TRY(const Enqueued enqueued, co_await receive_upload(context, exchange, "introductions"));
  json::object body{{"status", "uploaded"}, {"task_id", enqueued.job.id.text()}};
  if (enqueued.job.held_for == spool::kHeldForStore)
    body["warning"] = catalogue::describe(spool::kHeldForStore).message;
  co_return json_response(200, body);
}

/// A new item is shown as it was recorded; one that was there already, with all that has become of it.
Task<Result<json::object>> show(Context* context, Enqueued enqueued) {
  ItemRecord record{.job = std::move(enqueued.job)};
  if (!enqueued.created) {
    HF_CO_TRY(record, co_await read_record(context, record.job.id));
  }
  co_return shown_item(context, record);
}

Task<Result<Response>> create_item(Context* context, Exchange* exchange) {
  HF_CO_TRY(const Enqueued enqueued, co_await receive_upload(context, exchange, ""));
  HF_CO_TRY(const json::object item, co_await show(context, enqueued));
  Response response = json_response(enqueued.created ? 201 : 200, item);
  response.with("Location", "/api/v1/items/" + enqueued.job.id.text());
  if (!enqueued.created) response.with("Idempotency-Replayed", "true");
  co_return response;
}

std::vector<Reply> upload_refusals() {
  const std::string_view problem = "application/problem+json";
  return {{400, "The upload is empty or cannot be read.", problem, "Problem"},
          {413, "The file is larger than the limit.", problem, "Problem"},
          {415, "The content is neither audio nor video.", problem, "Problem"},
          {422, "No such recipe, or the key was used for something else.", problem, "Problem"},
          {503, "Storage is offline; Retry-After says when to try again.", problem, "Problem"},
          {507, "There is no room left.", problem, "Problem"}};
}

std::vector<Parameter> upload_parameters(std::string_view recipe) {
  return {{"recipe", "query", "string", recipe},
          {"name", "query", "string", "The file's name, when the bytes themselves are sent."},
          {"job_id", "query", "string", "Idempotency key, if the form does not say."},
          {"mode", "query", "string", "Requested mode, if the form does not say."},
          {"priority", "query", "integer", "0 first to 9 last; 5 if nothing is said."},
          {"recorded_at", "query", "string", "When it was recorded, for recipes that remember; else when it is sent."},
          kKey};
}

}  // namespace

void add_upload_routes(std::vector<Route>& table) {
  Route video{.method = "POST",
              .path = "/upload-video",
              .operation = "uploadVideo",
              .summary = "Send one video, as a form or as the bytes themselves; it is safe on disk when the "
                         "answer comes.",
              .parameters = upload_parameters("What is done with the file, if the form does not say; introductions."),
              .bodies = {{"multipart/form-data", "UploadForm"}, {"application/octet-stream", ""}},
              .replies = upload_refusals(),
              .handler = &upload_video};
  video.replies.insert(video.replies.begin(),
                       {200, "The file is stored and its work is queued.", "application/json", "Uploaded"});
  Route item{
      .method = "POST",
      .path = "/api/v1/items",
      .operation = "createItem",
      .summary = "Send one file, as a form or as the bytes themselves, or a text to a recipe that takes one.",
      .parameters = upload_parameters("What is done with the file, if the form does not say."),
      .bodies = {{"multipart/form-data", "UploadForm"}, {"application/octet-stream", ""}, {"text/plain", ""}},
      .replies = upload_refusals(),
      .handler = &create_item};
  item.replies.insert(item.replies.begin(),
                      {200, "The same was sent before: the item that it made.", "application/json", "Item"});
  item.replies.insert(item.replies.begin(),
                      {201, "Stored and queued; Location names the item.", "application/json", "Item"});
  table.push_back(std::move(video));
  table.push_back(std::move(item));
}

}  // namespace holdfast::web
