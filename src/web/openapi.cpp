#include "web/openapi.hpp"

#include <boost/json.hpp>

#include "flow/views/json_text.hpp"
#include "web/embedded.hpp"
#include "web/gate.hpp"
#include "web/problem.hpp"
#include "web/routes/routes.hpp"

namespace holdfast::web {
namespace {

namespace json = boost::json;

/// "pending|failed" is an enum, anything else a type.
json::object schema_of_type(std::string_view type) {
  if (type.find('|') == std::string_view::npos) return {{"type", type}};
  json::array words;
  while (!type.empty()) {
    const auto end = std::min(type.find('|'), type.size());
    words.emplace_back(type.substr(0, end));
    type.remove_prefix(std::min(end + 1, type.size()));
  }
  return {{"type", "string"}, {"enum", std::move(words)}};
}

json::object schema_ref(std::string_view name) {
  return {{"$ref", "#/components/schemas/" + std::string{name}}};
}

json::object content_of(std::string_view media_type, std::string_view schema) {
  json::object media;
  if (!schema.empty()) media["schema"] = schema_ref(schema);
  return {{media_type, std::move(media)}};
}

json::array parameters_of(const Route& route) {
  json::array out;
  for (const Parameter& parameter : route.parameters) {
    out.push_back(json::object{{"name", parameter.name},
                               {"in", parameter.in},
                               {"required", parameter.in == "path"},
                               {"description", parameter.description},
                               {"schema", schema_of_type(parameter.type)}});
  }
  return out;
}

json::object body_of(const Route& route) {
  json::object content;
  for (const BodyKind& body : route.bodies) {
    for (auto& [type, media] : content_of(body.media_type, body.schema)) content[type] = media;
  }
  return {{"content", std::move(content)}};
}

std::vector<Reply> replies_of(const Route& route) {
  std::vector<Reply> replies = route.replies;
  const Reply nobody{401, "You are not logged in.", kProblemType, "Problem"};
  const Reply no_superuser{403, "You are no superuser.", kProblemType, "Problem"};
  if (route.access == Access::superuser) replies.insert(replies.begin() + 1, no_superuser);
  if (route.access != Access::anybody) replies.insert(replies.begin() + 1, nobody);
  return replies;
}

json::object responses_of(const Route& route) {
  json::object out;
  for (const Reply& reply : replies_of(route)) {
    json::object& response =
        out.emplace(std::to_string(reply.status), json::object{}).first->value().as_object();
    response["description"] = reply.description;
    if (reply.media_type.empty()) continue;
    json::object& content = response.emplace("content", json::object{}).first->value().as_object();
    for (auto& [type, media] : content_of(reply.media_type, reply.schema)) content[type] = media;
  }
  json::object other{{"description", "Any other error."},
                     {"content", content_of(kProblemType, "Problem")}};
  out["default"] = std::move(other);
  return out;
}

/// What changes something wants the header: a cookie alone would let other sites' pages act.
json::array security_of(const Route& route) {
  json::array out;
  if (route.access == Access::anybody) return out;
  out.push_back(json::object{{"bearer", json::array{}}});
  if (is_safe_method(route.method)) out.push_back(json::object{{"session", json::array{}}});
  return out;
}

std::string_view words_of(Access access) {
  switch (access) {
    case Access::anybody:
      return "Anybody may ask.";
    case Access::user:
      return "For users.";
    case Access::superuser:
      return "For superusers.";
  }
  return "";
}

std::string_view word_of(Access access) {
  switch (access) {
    case Access::anybody:
      return "anybody";
    case Access::user:
      return "user";
    case Access::superuser:
      return "superuser";
  }
  return "";
}

json::object security_schemes() {
  return {{"bearer",
           {{"type", "http"},
            {"scheme", "bearer"},
            {"description", "An access token of /auth/jwt/login, or an API token of /api/v1/me/tokens."}}},
          {"session",
           {{"type", "apiKey"},
            {"in", "cookie"},
            {"name", kSessionCookie},
            {"description", "The page's session, for what a browser fetches by itself."}}}};
}

json::object operation_of(const Route& route) {
  json::object out{{"operationId", route.operation}, {"summary", route.summary}};
  if (!route.parameters.empty()) out["parameters"] = parameters_of(route);
  if (!route.bodies.empty()) out["requestBody"] = body_of(route);
  out["description"] = words_of(route.access);
  out["security"] = security_of(route);
  out["x-access"] = word_of(route.access);
  out["responses"] = responses_of(route);
  return out;
}

std::string lower_method(std::string_view method) {
  std::string out{method};
  for (char& letter : out) letter = static_cast<char>(letter | 0x20);
  return out;
}

json::object schemas() {
  const EmbeddedFile* file = find_embedded("openapi_schemas.json");
  boost::system::error_code bad;
  json::value parsed = file != nullptr ? json::parse(file->bytes, bad) : json::value{};
  return parsed.is_object() ? std::move(parsed.get_object()) : json::object{};
}

}  // namespace

json::object to_openapi(std::span<const Route> routes) {
  json::object paths;
  for (const Route& route : routes) {
    json::object& path = paths.emplace(route.path, json::object{}).first->value().as_object();
    path[lower_method(route.method)] = operation_of(route);
  }
  json::object info{
      {"title", "Holdfast"},
      {"version", HF_VERSION},
      {"description", "Send recordings; every one that was accepted becomes a transcript, or says why not."}};
  return {{"openapi", "3.1.0"},
          {"info", std::move(info)},
          {"paths", std::move(paths)},
          {"components", json::object{{"schemas", schemas()}, {"securitySchemes", security_schemes()}}}};
}

std::string openapi_text() { return views::to_text(to_openapi(all_routes())) + "\n"; }

}  // namespace holdfast::web
