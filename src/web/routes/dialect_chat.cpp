#include <boost/json.hpp>

#include "flow/intake/request_text.hpp"
#include "web/dialect/call.hpp"
#include "web/dialect/chat.hpp"
#include "web/dialect/error.hpp"
#include "web/dialect/models.hpp"
#include "web/routes/routes.hpp"

namespace holdfast::web {
namespace {

dialect::Rendering chat_rendering(const dialect::ChatCall& call) {
  dialect::Rendering rendering{.stream = call.stream};
  rendering.whole = [model = call.task.model](const ItemRecord& record) { return dialect::chat_answer(record, model); };
  rendering.events = [model = call.task.model, with_usage = call.with_usage](const ItemRecord& record) {
    return dialect::chat_events(record, model, with_usage);
  };
  return rendering;
}

Task<Result<Response>> create_chat_completion(Context* context, Exchange* exchange) {
  HF_CO_TRY(const auto body, co_await read_json(exchange));
  HF_CO_TRY(auto call, dialect::read_chat(body));
  HF_CO_TRY(const ServedModel model, dialect::find_model(*context, WorkerKind::language, call.task.model));
  call.task.role = model.role;
  dialect::TextCall text{.recipe = std::string{dialect::recipe_of(WorkerKind::language)},
                         .endpoint = "chat",
                         .text = stages::to_text(call.task)};
  if (text.text.size() > intake::kTextBytesMax)
    co_return dialect::refuse("messages", "are longer than 64 KiB together");
  auto taking = dialect::take_text(context, exchange, std::move(text));
  HF_CO_TRY(auto pending, co_await std::move(taking));
  auto rendering = chat_rendering(call);
  auto answering = dialect::answer(context, exchange, std::move(pending), std::move(rendering));
  co_return co_await std::move(answering);
}

}  // namespace

void add_dialect_chat_routes(std::vector<Route>& table) {
  Route route{.method = "POST",
              .path = "/v1/chat/completions",
              .operation = "createChatCompletion",
              .summary = "The next message of a conversation, in OpenAI's dialect: saved first, then waited for.",
              .parameters = {kDialectKey},
              .bodies = {{"application/json", "ChatCompletionRequest"}},
              .replies = dialect_replies(),
              .handler = &create_chat_completion};
  route.replies.insert(route.replies.begin(),
                       {{200, "The message.", "application/json", "ChatCompletion"},
                        {200, "The same as a stream of events, once it is stored.", "text/event-stream", ""}});
  table.push_back(std::move(route));
}

}  // namespace holdfast::web
