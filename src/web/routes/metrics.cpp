#include "web/routes/routes.hpp"

namespace holdfast::web {
namespace {

Task<Result<Response>> get_metrics(Context* context, Exchange* /*exchange*/) {
  HF_CO_TRY(std::string text, co_await context->deps.metrics());
  co_return make_response(200, "text/plain; version=0.0.4; charset=utf-8", std::move(text));
}

}  // namespace

void add_metrics_routes(std::vector<Route>& table) {
  table.push_back({.method = "GET",
                   .path = "/metrics",
                   .operation = "getMetrics",
                   .summary = "Figures for Prometheus, which sends the token of a superuser as its bearer token.",
                   .replies = {{200, "In the text format 0.0.4.", "text/plain", ""}},
                   .handler = &get_metrics,
                   .access = Access::superuser});
}

}  // namespace holdfast::web
