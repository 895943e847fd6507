#include <boost/json.hpp>

#include "guard/service_view.hpp"
#include "web/routes/routes.hpp"

namespace holdfast::web {
namespace {

namespace json = boost::json;
using guard::Service;
using guard::Services;

std::unexpected<Error> no_such_service() {
  return fail(ErrorClass::not_found, "HF-SVC-02", "there is no service or breaker of that name");
}

Result<const Service*> find_service(Context* context, Exchange* exchange) {
  const Services* services = context->deps.services;
  const Service* found = services != nullptr ? services->find(exchange->path_values["name"]) : nullptr;
  if (found == nullptr) return no_such_service();
  return found;
}

Result<const Service*> find_breaker(Context* context, Exchange* exchange) {
  HF_TRY(const Service* found, find_service(context, exchange));
  if (!found->config.breaks) return no_such_service();
  return found;
}

Task<Result<Response>> get_services(Context* context, Exchange* /*exchange*/) {
  json::array services;
  if (context->deps.services != nullptr) {
    for (const auto& [name, service] : context->deps.services->all())
      services.push_back(guard::service_detail(service, context->clock()));
  }
  json::object body{{"status", context->deps.health()["status"]}, {"services", std::move(services)}};
  co_return json_response(200, body);
}

Task<Result<Response>> get_service(Context* context, Exchange* exchange) {
  HF_CO_TRY(const Service* service, find_service(context, exchange));
  co_return json_response(200, guard::service_detail(*service, context->clock()));
}

Task<Result<Response>> probe_service(Context* context, Exchange* exchange) {
  HF_CO_TRY(const Service* service, find_service(context, exchange));
  HF_CO_TRY_VOID(co_await context->deps.probe(service->config.name));
  co_return co_await get_service(context, exchange);
}

Task<Result<Response>> get_breakers(Context* context, Exchange* /*exchange*/) {
  json::array data;
  if (context->deps.services != nullptr) {
    for (const auto& [name, service] : context->deps.services->all()) {
      if (service.config.breaks) data.push_back(guard::breaker_object(service, context->clock()));
    }
  }
  co_return json_response(200, json::object{{"data", std::move(data)}});
}

Task<Result<Response>> get_breaker(Context* context, Exchange* exchange) {
  HF_CO_TRY(const Service* service, find_breaker(context, exchange));
  co_return json_response(200, guard::breaker_object(*service, context->clock()));
}

Task<Result<Response>> change_breaker(Context* context, Exchange* exchange,
                                      Result<void> (Services::*change)(const std::string&)) {
  HF_CO_TRY(const Service* service, find_breaker(context, exchange));
  HF_CO_TRY_VOID((context->deps.services->*change)(service->config.name));
  co_return json_response(200, guard::breaker_object(*service, context->clock()));
}

Task<Result<Response>> open_breaker(Context* context, Exchange* exchange) {
  return change_breaker(context, exchange, &Services::open);
}
Task<Result<Response>> close_breaker(Context* context, Exchange* exchange) {
  return change_breaker(context, exchange, &Services::close);
}
Task<Result<Response>> reset_breaker(Context* context, Exchange* exchange) {
  return change_breaker(context, exchange, &Services::reset);
}

/// A model by the name of its service, or of its role: "speech", "language", "mistral".
const Service* find_model(Context* context, const std::string& name) {
  if (context->deps.services == nullptr) return nullptr;
  const Service* role = context->deps.services->find("language/" + name);
  if (role != nullptr) return role;
  const bool of_ours = name == "speech" || name == "language" || name == "embedding";
  const bool is_model = of_ours || name.starts_with("language/");
  return is_model ? context->deps.services->find(name) : nullptr;
}

Task<Result<Response>> get_model_health(Context* context, Exchange* exchange) {
  const Service* model = find_model(context, exchange->path_values["name"]);
  if (model == nullptr) co_return no_such_service();
  const json::object known = guard::service_object(*model, context->clock());
  json::object body{{"name", model->config.name},
                    {"status", known.at("state")},
                    {"latency_ms", known.at("response_ms")},
                    {"last_check", known.at("checked_at")},
                    {"error", nullptr},
                    {"breaker", known.at("breaker").at("state")}};
  if (!model->code.empty()) body["error"] = json::object{{"code", model->code}, {"message", model->message}};
  co_return json_response(200, body);
}

constexpr Parameter kServiceName{"name", "path", "string", "As listed; a slash in it is sent as %2F."};
constexpr Reply kNoSuchService{404, "There is none of that name.", "application/problem+json", "Problem"};

void add_breaker_routes(std::vector<Route>& table) {
  const std::vector<Reply> replies{{200, "The breaker as it is now.", "application/json", "Breaker"}, kNoSuchService};
  table.push_back({.method = "GET",
                   .path = "/api/failure-recovery/circuit-breakers",
                   .operation = "listCircuitBreakers",
                   .summary = "The circuit breakers of all services that have one.",
                   .replies = {{200, "By name.", "application/json", "BreakerList"}},
                   .handler = &get_breakers,
                   .access = Access::superuser});
  table.push_back({.method = "GET",
                   .path = "/api/failure-recovery/circuit-breakers/{name}",
                   .operation = "getCircuitBreaker",
                   .summary = "One circuit breaker.",
                   .parameters = {kServiceName},
                   .replies = replies,
                   .handler = &get_breaker,
                   .access = Access::superuser});
  table.push_back({.method = "POST",
                   .path = "/api/failure-recovery/circuit-breakers/{name}/reset",
                   .operation = "resetCircuitBreaker",
                   .summary = "Close a breaker and forget everything it has counted. Held work goes on.",
                   .parameters = {kServiceName},
                   .replies = replies,
                   .handler = &reset_breaker,
                   .access = Access::superuser});
  table.push_back({.method = "POST",
                   .path = "/api/failure-recovery/circuit-breakers/{name}/open",
                   .operation = "openCircuitBreaker",
                   .summary = "Keep work away from a service until somebody closes its breaker or resets it.",
                   .parameters = {kServiceName},
                   .replies = replies,
                   .handler = &open_breaker,
                   .access = Access::superuser});
  table.push_back({.method = "POST",
                   .path = "/api/failure-recovery/circuit-breakers/{name}/close",
                   .operation = "closeCircuitBreaker",
                   .summary = "Let work through again at once; a wait that the service asked for stays.",
                   .parameters = {kServiceName},
                   .replies = replies,
                   .handler = &close_breaker,
                   .access = Access::superuser});
}

}  // namespace

void add_service_routes(std::vector<Route>& table) {
  const std::vector<Reply> replies{{200, "The service as it is now.", "application/json", "ServiceDetail"},
                                   kNoSuchService};
  table.push_back({.method = "GET",
                   .path = "/health/models/{name}",
                   .operation = "getModelHealth",
                   .summary = "How one model does: speech, language, embedding, or a role such as mistral.",
                   .parameters = {{"name", "path", "string", "Of the model's service or role."}},
                   .replies = {{200, "As it was last seen.", "application/json", "ModelHealth"}, kNoSuchService},
                   .handler = &get_model_health});
  table.push_back({.method = "GET",
                   .path = "/api/failure-recovery/health",
                   .operation = "getServices",
                   .summary = "Every service with state, response times, breaker and history.",
                   .replies = {{200, "By name.", "application/json", "ServiceList"}},
                   .handler = &get_services,
                   .access = Access::superuser});
  table.push_back({.method = "GET",
                   .path = "/api/failure-recovery/services/{name}",
                   .operation = "getService",
                   .summary = "One service with its history.",
                   .parameters = {kServiceName},
                   .replies = replies,
                   .handler = &get_service,
                   .access = Access::superuser});
  table.push_back({.method = "POST",
                   .path = "/api/failure-recovery/services/{name}/probe",
                   .operation = "probeService",
                   .summary = "Look at a service now instead of at its time.",
                   .parameters = {kServiceName},
                   .replies = replies,
                   .handler = &probe_service,
                   .access = Access::superuser});
  add_breaker_routes(table);
}

}  // namespace holdfast::web
