#include "web/route.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <set>

#include "web/openapi.hpp"
#include "web/routes/routes.hpp"
#include "web/uri.hpp"

namespace holdfast::web {
namespace {

namespace json = boost::json;

Found find(std::string_view method, std::string_view target) {
  static const std::vector<Route> table = all_routes();
  return find_route(table, method, parse_target(target)->segments);
}

std::string operation(std::string_view method, std::string_view target) {
  const Found found = find(method, target);
  return found.route != nullptr ? std::string{found.route->operation} : "";
}

TEST(Router, FindsTheOperationOfAMethodAndPath) {
  EXPECT_EQ(operation("GET", "/"), "getPage");
  EXPECT_EQ(operation("POST", "/upload-video"), "uploadVideo");
  EXPECT_EQ(operation("GET", "/api/v1/items"), "listItems");
  EXPECT_EQ(operation("POST", "/api/v1/items?recipe=x"), "createItem");
  EXPECT_EQ(operation("HEAD", "/api/v1/items/itm_1"), "getItem");
  EXPECT_EQ(operation("GET", "/api/v1/items/itm_1/transcript.vtt"), "getTranscript");
  EXPECT_EQ(find("GET", "/api/v1/items/itm_1/transcript.vtt").path_values.at("format"), "vtt");
  EXPECT_EQ(find("GET", "/problems/HF-UPL-01").path_values.at("code"), "HF-UPL-01");
}

TEST(Router, FindsNothingForWhatOnlyLooksAlike) {
  for (const char* target : {"/api/v1/items/", "/api/v1/items//", "/api//v1/items", "//",
                             "/api/v1/items/itm_1/", "/API/v1/items", "/api/v1/items/itm_1/transcript.",
                             "/api/v1/items/itm_1/transcript", "/api/v1/items/..", "/index.html/x"}) {
    const Found found = find("GET", target);
    const bool item_named_dots =
        found.route != nullptr && found.route->operation == "getItem";  // an id like any other
    EXPECT_TRUE(found.route == nullptr || item_named_dots) << target;
  }
}

TEST(Router, NamesTheMethodsThatAPathHas) {
  EXPECT_EQ(find("DELETE", "/api/v1/items").allowed, (std::vector<std::string_view>{"POST", "GET", "HEAD"}));
  EXPECT_EQ(find("GET", "/upload-video").allowed, (std::vector<std::string_view>{"POST"}));
  EXPECT_TRUE(find("GET", "/nowhere").allowed.empty());
}

std::set<std::string> described_operations(const json::object& document) {
  std::set<std::string> out;
  for (const auto& [path, methods] : document.at("paths").as_object()) {
    for (const auto& [method, what] : methods.as_object())
      out.insert(std::string{method} + " " + std::string{path});
  }
  return out;
}

TEST(Openapi, DescribesExactlyTheRoutesThatThereAre) {
  const auto table = all_routes();
  std::set<std::string> routes;
  std::set<std::string_view> operations;
  for (const Route& route : table) {
    std::string method{route.method};
    for (char& letter : method) letter = static_cast<char>(letter | 0x20);
    EXPECT_TRUE(routes.insert(method + " " + std::string{route.path}).second) << route.path;
    EXPECT_TRUE(operations.insert(route.operation).second) << route.operation;
    EXPECT_NE(route.handler, nullptr) << route.operation;
    EXPECT_TRUE(route.summary.ends_with(".") || route.summary.ends_with("?")) << route.operation;
  }

  EXPECT_EQ(described_operations(to_openapi(table)), routes);
}

TEST(Openapi, EveryPathParameterIsDescribedAndEverySchemaIsThere) {
  const auto table = all_routes();
  const json::object document = to_openapi(table);
  const json::object& schemas = document.at("components").at("schemas").as_object();
  for (const Route& route : table) {
    for (auto open = route.path.find('{'); open != std::string_view::npos;
         open = route.path.find('{', open + 1)) {
      const auto name = route.path.substr(open + 1, route.path.find('}', open) - open - 1);
      EXPECT_TRUE(std::ranges::any_of(route.parameters, [name](const Parameter& p) {
        return p.name == name && p.in == "path";
      })) << route.operation;
    }
    for (const Reply& reply : route.replies)
      EXPECT_TRUE(reply.schema.empty() || schemas.contains(reply.schema)) << reply.schema;
    for (const BodyKind& body : route.bodies)
      EXPECT_TRUE(body.schema.empty() || schemas.contains(body.schema)) << body.schema;
  }
  const std::string text = json::serialize(schemas);
  const std::string prefix = "#/components/schemas/";
  for (auto at = text.find(prefix); at != std::string::npos; at = text.find(prefix, at + 1)) {
    const auto name = text.substr(at + prefix.size(), text.find('"', at) - at - prefix.size());
    EXPECT_TRUE(schemas.contains(name)) << name;
  }
}

TEST(Access, FR_7_OnlyTheseRoutesAreForAnybody) {
  std::set<std::string> open;
  for (const Route& route : all_routes()) {
    if (route.access == Access::anybody) open.insert(std::string{route.operation});
  }
  EXPECT_EQ(open, (std::set<std::string>{"acceptInvitation", "getHealth", "getIcon", "getLiveness", "getOpenapi",
                                         "getPage", "getProblem", "getReadiness", "getScript", "getSessionScript",
                                         "getStyle", "logIn", "logOut", "refreshSession", "setUp"}));
}

TEST(Access, TheDescriptionSaysWhatEachRouteWants) {
  const json::object document = to_openapi(all_routes());
  const auto& schemes = document.at("components").at("securitySchemes").as_object();
  for (const Route& route : all_routes()) {
    std::string method{route.method};
    for (char& letter : method) letter = static_cast<char>(letter | 0x20);
    const json::value& operation = document.at("paths").at(route.path).at(method);
    const auto& security = operation.at("security").as_array();
    EXPECT_EQ(security.empty(), route.access == Access::anybody) << route.operation;
    EXPECT_EQ(operation.at("responses").as_object().contains("401"), route.access != Access::anybody ||
              route.operation == "logIn" || route.operation == "refreshSession") << route.operation;
    for (const auto& one : security) EXPECT_TRUE(schemes.contains(one.as_object().begin()->key()));
  }
}

}  // namespace
}  // namespace holdfast::web
