#include <boost/json.hpp>

#include "guard/alert_view.hpp"
#include "web/routes/routes.hpp"

namespace holdfast::web {
namespace {

namespace json = boost::json;

bool is_failing(const json::object& health) {
  const json::value* status = health.if_contains("status");
  return status == nullptr || *status == "fail";
}

/// Source: draft-inadarei-api-health-check-06.
Task<Result<Response>> get_health(Context* context, Exchange* /*exchange*/) {
  const json::object health = context->deps.health();
  Response response = json_response(is_failing(health) ? 503 : 200, health);
  response.fields.front().second = "application/health+json";
  co_return response;
}

Task<Result<Response>> get_livez(Context* /*context*/, Exchange* /*exchange*/) {
  co_return make_response(200, "text/plain; charset=utf-8", "alive\n");
}

/// Could an upload be taken right now?
Task<Result<Response>> get_readyz(Context* context, Exchange* /*exchange*/) {
  if (context->stop.stopping())
    co_return fail(ErrorClass::overloaded, "HF-SRV-02", "the server is going down");
  if (context->deps.limits.refusing()) co_return fail(ErrorClass::overloaded, "HF-ADM-01", "memory is short");
  HF_CO_TRY_VOID(co_await context->deps.intake.blobs.free_bytes());
  HF_CO_TRY_VOID(co_await context->store().counts());
  if (is_failing(context->deps.health()))
    co_return fail(ErrorClass::transient, "HF-STO-01", "health says fail");
  co_return make_response(200, "text/plain; charset=utf-8", "ready\n");
}

/// Which items the workers are at is told to those who manage: they may be anybody's.
void leave_out_items(json::object& status) {
  json::value* workers = status.if_contains("workers");
  if (workers == nullptr || !workers->is_array()) return;
  for (json::value& worker : workers->get_array()) worker.as_object()["item"] = worker.as_object()["job_id"] = nullptr;
}

Task<Result<Response>> get_status(Context* context, Exchange* exchange) {
  HF_CO_TRY(json::object status, co_await context->deps.status());
  const bool manages = exchange->principal.superuser;
  if (!manages) leave_out_items(status);
  if (manages && context->deps.alerts != nullptr) status["alerts"] = guard::active_array(*context->deps.alerts);
  co_return json_response(200, status);
}

}  // namespace

void add_health_routes(std::vector<Route>& table) {
  const Reply not_ready{503, "It cannot.", "application/problem+json", "Problem"};
  table.push_back({.method = "GET",
                   .path = "/api/v1/status",
                   .operation = "getStatus",
                   .summary = "Queues, services, workers, memory and messages of this server.",
                   .replies = {{200, "As it is now.", "application/json", "Status"}},
                   .handler = &get_status});
  table.push_back({.method = "GET",
                   .path = "/health",
                   .operation = "getHealth",
                   .summary = "Every part with its state; warn still answers 200.",
                   .replies = {{200, "It works, perhaps with less.", "application/health+json", "Health"},
                               {503, "It does not work.", "application/health+json", "Health"}},
                   .handler = &get_health,
                   .access = Access::anybody});
  table.push_back({.method = "GET",
                   .path = "/livez",
                   .operation = "getLiveness",
                   .summary = "Does the process answer?",
                   .replies = {{200, "It does.", "text/plain", ""}},
                   .handler = &get_livez,
                   .access = Access::anybody});
  table.push_back({.method = "GET",
                   .path = "/readyz",
                   .operation = "getReadiness",
                   .summary = "Could an upload be taken right now?",
                   .replies = {{200, "It could.", "text/plain", ""}, not_ready},
                   .handler = &get_readyz,
                   .access = Access::anybody});
}

}  // namespace holdfast::web
