#include <boost/json.hpp>

#include "core/job/attach.hpp"
#include "web/dialect/call.hpp"
#include "web/dialect/error.hpp"
#include "web/dialect/models.hpp"
#include "web/dialect/transcription.hpp"
#include "web/receive_upload.hpp"
#include "web/routes/routes.hpp"

namespace holdfast::web {
namespace {

namespace json = boost::json;
using dialect::TranscriptionForm;

/// What is said of the file once all of the form has come.
Result<intake::Form> finished_form(Context* context, Exchange* exchange, const TranscriptionForm& asked) {
  HF_TRY_VOID(asked.check());
  HF_TRY_VOID(dialect::find_model(*context, WorkerKind::speech, asked.model));
  intake::Form form = asked.form;
  form.owner = exchange->principal.owner;
  form.recipe = dialect::recipe_of(WorkerKind::speech);
  if (!asked.language.empty()) form.options = json::serialize(json::object{{"language", asked.language}});
  HF_TRY_VOID(dialect::take_key(exchange, form, ""));
  const std::string language = asked.language.empty() ? "auto" : asked.language;
  form.key_stem = std::string{attach::kStem} + "transcription/" + language + "/";
  form.attach_within = context->config.dialect.attach_within;
  return form;
}

/// The bytes are durable and the item is recorded when this returns.
Task<Result<Enqueued>> take_file(Context* context, Exchange* exchange, TranscriptionForm* asked) {
  intake::Form declared{.owner = exchange->principal.owner,
                        .recipe = std::string{dialect::recipe_of(WorkerKind::speech)}};
  const std::uint64_t least = file_bytes_least(*exchange);
  HF_CO_TRY(auto upload, co_await intake::begin(context->deps.intake, std::move(declared), least));
  HF_CO_TRY_VOID(co_await receive_form(exchange, asked, upload.get()));
  HF_CO_TRY(auto form, finished_form(context, exchange, *asked));
  HF_CO_TRY(auto enqueued, co_await upload->finish(std::move(form)));
  if (enqueued.created) context->deps.engine.wake(enqueued.job);
  co_return enqueued;
}

dialect::Rendering transcription_rendering(TranscriptionForm asked) {
  dialect::Rendering rendering{.stream = asked.stream};
  rendering.whole = [asked = std::move(asked)](const ItemRecord& record) {
    return dialect::transcription_answer(record, asked);
  };
  rendering.events = &dialect::transcription_events;
  return rendering;
}

Task<Result<Response>> create_transcription(Context* context, Exchange* exchange) {
  TranscriptionForm asked;
  // Before the item is recorded: nothing of it can be missed.
  dialect::Pending pending{.subscription = context->deps.hub.subscribe(exchange->principal.owner)};
  auto taking = take_file(context, exchange, &asked);
  auto taken = co_await std::move(taking);
  if (Meter* meter = context->deps.meter; meter != nullptr) {
    if (!taken) meter->upload_refused(taken.error().code());
    if (taken && taken->created) meter->upload_taken(taken->job.recipe, taken->job.input.bytes);
  }
  HF_CO_TRY(Enqueued enqueued, std::move(taken));
  pending.job = std::move(enqueued.job);
  auto rendering = transcription_rendering(std::move(asked));
  auto answering = dialect::answer(context, exchange, std::move(pending), std::move(rendering));
  co_return co_await std::move(answering);
}

}  // namespace

void add_dialect_transcription_routes(std::vector<Route>& table) {
  Route route{.method = "POST",
              .path = "/v1/audio/transcriptions",
              .operation = "createTranscription",
              .summary = "A recording's transcript, in OpenAI's dialect: saved first, then waited for.",
              .parameters = {kDialectKey},
              .bodies = {{"multipart/form-data", "TranscriptionForm"}},
              .replies = dialect_replies(),
              .handler = &create_transcription};
  route.replies.insert(route.replies.begin(),
                       {{200, "The transcript in the format that was asked for.", "application/json", "Transcription"},
                        {200, "The same as text, subtitles or a stream of events.", "text/plain", ""}});
  table.push_back(std::move(route));
}

}  // namespace holdfast::web
