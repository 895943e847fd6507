#include <boost/json.hpp>

#include "flow/intake/request_text.hpp"
#include "flow/stages/embed/embed.hpp"
#include "web/dialect/call.hpp"
#include "web/dialect/embeddings.hpp"
#include "web/dialect/error.hpp"
#include "web/dialect/models.hpp"
#include "web/routes/routes.hpp"

namespace holdfast::web {
namespace {

Task<Result<Response>> create_embeddings(Context* context, Exchange* exchange) {
  HF_CO_TRY(const auto body, co_await read_json(exchange));
  HF_CO_TRY(auto call, dialect::read_embeddings(body));
  HF_CO_TRY_VOID(dialect::find_model(*context, WorkerKind::embedding, call.model));
  dialect::TextCall text{.recipe = std::string{dialect::recipe_of(WorkerKind::embedding)},
                         .endpoint = "embeddings",
                         .text = stages::to_embed_text(call.model, call.texts)};
  if (text.text.size() > intake::kTextBytesMax) co_return dialect::refuse("input", "is longer than 64 KiB together");
  auto taking = dialect::take_text(context, exchange, std::move(text));
  HF_CO_TRY(auto pending, co_await std::move(taking));
  dialect::Rendering rendering;
  rendering.whole = [call = std::move(call)](const ItemRecord& record) {
    return dialect::embeddings_answer(record, call);
  };
  auto answering = dialect::answer(context, exchange, std::move(pending), std::move(rendering));
  co_return co_await std::move(answering);
}

}  // namespace

void add_dialect_embedding_routes(std::vector<Route>& table) {
  Route route{.method = "POST",
              .path = "/v1/embeddings",
              .operation = "createEmbeddings",
              .summary = "What texts mean, as vectors, in OpenAI's dialect: saved first, then waited for.",
              .parameters = {kDialectKey},
              .bodies = {{"application/json", "EmbeddingsRequest"}},
              .replies = dialect_replies(),
              .handler = &create_embeddings};
  route.replies.insert(route.replies.begin(), {200, "A vector for each text.", "application/json", "EmbeddingList"});
  table.push_back(std::move(route));
}

}  // namespace holdfast::web
