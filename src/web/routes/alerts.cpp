#include <boost/json.hpp>

#include "guard/alert_view.hpp"
#include "web/routes/routes.hpp"

namespace holdfast::web {
namespace {

Task<Result<Response>> get_alerts(Context* context, Exchange* /*exchange*/) {
  if (context->deps.alerts == nullptr)
    co_return fail(ErrorClass::not_found, "HF-REQ-06", "this server looks for no alerts");
  co_return json_response(200, guard::alerts_object(*context->deps.alerts));
}

}  // namespace

void add_alert_routes(std::vector<Route>& table) {
  table.push_back({.method = "GET",
                   .path = "/api/failure-recovery/alerts",
                   .operation = "listAlerts",
                   .summary = "What is wrong now, what was lately, by which rules, and whether the webhook is told.",
                   .replies = {{200, "As it is now.", "application/json", "Alerts"}},
                   .handler = &get_alerts,
                   .access = Access::superuser});
}

}  // namespace holdfast::web
