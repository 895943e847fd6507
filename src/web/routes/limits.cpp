#include <boost/json.hpp>

#include "flow/views/json_text.hpp"
#include "web/routes/routes.hpp"

namespace holdfast::web {
namespace {

Response show_limits(Context* context) {
  return make_response(200, "application/json", context->deps.limits.show() + "\n");
}

Task<Result<Response>> get_limits(Context* context, Exchange* /*exchange*/) { co_return show_limits(context); }

Task<Result<Response>> change_limits(Context* context, Exchange* exchange) {
  HF_CO_TRY(const boost::json::object body, co_await read_json(exchange));
  HF_CO_TRY_VOID(co_await context->deps.limits.change(views::to_text(body)));
  co_return show_limits(context);
}

}  // namespace

void add_limit_routes(std::vector<Route>& table) {
  table.push_back({.method = "GET",
                   .path = "/api/failure-recovery/limits",
                   .operation = "getLimits",
                   .summary = "How much is taken and begun: memory marks, active users, lengths of queues.",
                   .replies = {{200, "As they are in force.", "application/json", "Limits"}},
                   .handler = &get_limits,
                   .access = Access::superuser});
  table.push_back({.method = "PATCH",
                   .path = "/api/failure-recovery/limits",
                   .operation = "changeLimits",
                   .summary = "Change limits at once and for good; what is not named stays, and a change that is wrong "
                              "anywhere changes nothing.",
                   .bodies = {{"application/json", "Limits"}},
                   .replies = {{200, "As they are in force now.", "application/json", "Limits"},
                               {400, "Not a limit, or not a value that it can have.", "application/problem+json",
                                "Problem"},
                               {422, "They cannot hold together.", "application/problem+json", "Problem"}},
                   .handler = &change_limits,
                   .access = Access::superuser});
}

}  // namespace holdfast::web
