#include <boost/json.hpp>

#include "web/routes/routes.hpp"

namespace holdfast::web {
namespace {

namespace json = boost::json;

Task<Result<Response>> show_rules(Context* context, Exchange* /*exchange*/) {
  co_return json_response(200, context->deps.rules.to_object());
}

Task<Result<Response>> replace_rules(Context* context, Exchange* exchange) {
  HF_CO_TRY(const json::object body, co_await read_json(exchange));
  HF_CO_TRY(RecoveryRules rules, recovery::read_rules(body));
  auto replacing = context->deps.rules.replace(std::move(rules), exchange->principal.owner);
  HF_CO_TRY_VOID(co_await std::move(replacing));
  co_return json_response(200, context->deps.rules.to_object());
}

}  // namespace

void add_recovery_rule_routes(std::vector<Route>& table) {
  table.push_back({.method = "GET",
                   .path = "/api/failure-recovery/rules",
                   .operation = "getRecoveryRules",
                   .summary = "The recovery rules in force, and where they come from.",
                   .replies = {{200, "The rules.", "application/json", "RecoveryRulesShown"}},
                   .handler = &show_rules,
                   .access = Access::superuser});
  table.push_back(
      {.method = "PUT",
       .path = "/api/failure-recovery/rules",
       .operation = "replaceRecoveryRules",
       .summary = "Put these in the place of all that were set before; {} goes back to the configuration.",
       .bodies = {{"application/json", "RecoveryRules"}},
       .replies = {{200, "The rules in force from now on.", "application/json", "RecoveryRulesShown"},
                   {422, "They do not fit; the old ones stay in force.", "application/problem+json", "Problem"}},
       .handler = &replace_rules,
       .access = Access::superuser});
}

}  // namespace holdfast::web
