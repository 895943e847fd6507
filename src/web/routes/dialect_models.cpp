#include <boost/json.hpp>

#include "web/dialect/models.hpp"
#include "web/routes/routes.hpp"

namespace holdfast::web {
namespace {

namespace json = boost::json;

json::object model_object(const Context& context, const std::string& id) {
  const auto since = std::chrono::duration_cast<std::chrono::seconds>(context.since.time_since_epoch());
  return {{"id", id}, {"object", "model"}, {"created", since.count()}, {"owned_by", "holdfast"}};
}

Task<Result<Response>> list_models(Context* context, Exchange* /*exchange*/) {
  json::array data;
  for (const ServedModel& model : context->deps.models) {
    if (dialect::find_model(*context, model.kind, model.id)) data.push_back(model_object(*context, model.id));
  }
  co_return json_response(200, json::object{{"object", "list"}, {"data", std::move(data)}});
}

Task<Result<Response>> get_model(Context* context, Exchange* exchange) {
  const std::string& id = exchange->path_values["model"];
  for (const WorkerKind kind : {WorkerKind::speech, WorkerKind::language, WorkerKind::embedding}) {
    if (dialect::find_model(*context, kind, id)) co_return json_response(200, model_object(*context, id));
  }
  co_return std::unexpected{dialect::find_model(*context, WorkerKind::language, id).error()};
}

}  // namespace

void add_dialect_model_routes(std::vector<Route>& table) {
  table.push_back({.method = "GET",
                   .path = "/v1/models",
                   .operation = "listModels",
                   .summary = "The models that the routes under /v1 take, in OpenAI's dialect.",
                   .replies = {{200, "The list.", "application/json", "ModelList"}},
                   .handler = &list_models});
  table.push_back({.method = "GET",
                   .path = "/v1/models/{model}",
                   .operation = "getModel",
                   .summary = "One of the models that the routes under /v1 take.",
                   .parameters = {{"model", "path", "string", "Its name; whisper-1 is the speech model."}},
                   .replies = {{200, "The model.", "application/json", "Model"}, kDialectNotFound},
                   .handler = &get_model});
}

}  // namespace holdfast::web
