#include <boost/json.hpp>

#include "flow/stages/generate/shape.hpp"
#include "web/openapi.hpp"
#include "web/routes/routes.hpp"

namespace holdfast::web {
namespace {

namespace json = boost::json;

Task<Result<Response>> get_openapi(Context* context, Exchange* /*exchange*/) {
  co_return json_response(200, to_openapi(context->routes));
}

json::array mode_objects(const Recipe& recipe) {
  json::array modes;
  for (const modes::Mode& mode : recipe.modes) {
    json::array lost;
    for (const std::string& feature : lost_in(recipe, mode)) lost.emplace_back(feature);
    json::array stages;
    for (const std::string& stage : mode.stages) stages.emplace_back(stage);
    json::array smaller;
    for (const std::string& stage : mode.smaller) smaller.emplace_back(stage);
    modes.push_back(json::object{{"name", mode.name},
                                 {"stages", std::move(stages)},
                                 {"smaller", std::move(smaller)},
                                 {"asked_for", modes::can_be_asked_for(mode)},
                                 {"latency", mode.latency},
                                 {"quality", mode.quality},
                                 {"lost", std::move(lost)}});
  }
  return modes;
}

json::object recipe_object(const Recipe& recipe) {
  json::array listed;
  for (const StageConfig& stage : recipe.stages) {
    const auto* shape = stages::find_shape(stage.shape);
    const auto extracts = shape != nullptr ? shape->extracts() : std::nullopt;
    listed.push_back(json::object{{"name", stage.name},
                                  {"title", stage.title},
                                  {"kind", stage.kind},
                                  {"extracts", extracts ? json::value(to_word(*extracts)) : json::value(nullptr)}});
  }
  json::array accepts;
  for (const std::string& family : recipe.accepts) accepts.emplace_back(family);
  return {{"name", recipe.name},
          {"title", recipe.title},
          {"description", recipe.description},
          {"accepts", std::move(accepts)},
          {"modes", mode_objects(recipe)},
          {"stages", std::move(listed)}};
}

Task<Result<Response>> list_recipes(Context* context, Exchange* /*exchange*/) {
  json::array data;
  for (const auto& [name, recipe] : context->deps.intake.recipes) data.push_back(recipe_object(recipe));
  co_return json_response(200,
                          json::object{{"data", std::move(data)},
                                       {"upload_bytes_max", context->deps.intake.limits.upload_bytes_max}});
}

}  // namespace

void add_description_routes(std::vector<Route>& table) {
  table.push_back({.method = "GET",
                   .path = "/api/v1/recipes",
                   .operation = "listRecipes",
                   .summary = "What this server can do with a file, and how large one may be.",
                   .replies = {{200, "The recipes.", "application/json", "RecipeList"}},
                   .handler = &list_recipes});
  table.push_back({.method = "GET",
                   .path = "/openapi.json",
                   .operation = "getOpenapi",
                   .summary = "This description.",
                   .replies = {{200, "OpenAPI 3.1.", "application/json", ""}},
                   .handler = &get_openapi,
                   .access = Access::anybody});
}

}  // namespace holdfast::web
