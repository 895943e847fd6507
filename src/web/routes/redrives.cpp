#include <boost/json.hpp>

#include "flow/recovery/redrive.hpp"
#include "web/routes/routes.hpp"

namespace holdfast::web {
namespace {

namespace json = boost::json;

Response redrive_response(const recovery::Redrive& redrive) {
  return make_response(200, "application/json", recovery::to_json(redrive) + "\n");
}

Task<Result<Response>> list_redrives(Context* context, Exchange* /*exchange*/) {
  json::array data;
  for (const auto& redrive : context->deps.redriver.all()) data.push_back(json::parse(recovery::to_json(redrive)));
  co_return json_response(200, json::object{{"data", std::move(data)}});
}

Task<Result<Response>> show_redrive(Context* context, Exchange* exchange) {
  HF_CO_TRY(const auto redrive, context->deps.redriver.find(exchange->path_values["id"]));
  co_return redrive_response(redrive);
}

Task<Result<Response>> stop_redrive(Context* context, Exchange* exchange) {
  HF_CO_TRY(const auto redrive, co_await context->deps.redriver.stop(exchange->path_values["id"]));
  co_return redrive_response(redrive);
}

}  // namespace

void add_redrive_routes(std::vector<Route>& table) {
  const Parameter id{"id", "path", "string", "The redrive's id: rdr_ and 26 characters."};
  const Reply none{404, "There is no such redrive.", "application/problem+json", "Problem"};
  table.push_back({.method = "GET",
                   .path = "/api/failure-recovery/redrives",
                   .operation = "listRedrives",
                   .summary = "Retries of many dead letters, newest first: those under way and the last 100.",
                   .replies = {{200, "All of them.", "application/json", "RedriveList"}},
                   .handler = &list_redrives,
                   .access = Access::superuser});
  table.push_back({.method = "GET",
                   .path = "/api/failure-recovery/redrives/{id}",
                   .operation = "getRedrive",
                   .summary = "How far one of them is.",
                   .parameters = {id},
                   .replies = {{200, "The redrive.", "application/json", "Redrive"}, none},
                   .handler = &show_redrive,
                   .access = Access::superuser});
  table.push_back({.method = "DELETE",
                   .path = "/api/failure-recovery/redrives/{id}",
                   .operation = "stopRedrive",
                   .summary = "Stop it. What was retried stays retried.",
                   .parameters = {id},
                   .replies = {{200, "The redrive as it ended.", "application/json", "Redrive"}, none},
                   .handler = &stop_redrive,
                   .access = Access::superuser});
}

}  // namespace holdfast::web
