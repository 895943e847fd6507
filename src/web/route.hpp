#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "web/exchange.hpp"

namespace holdfast::web {

struct Context;

/// Answers one request, or fails with an error that becomes a problem document. Both pointers outlive the
/// answer's head; `context` outlives its body as well.
using Handler = Task<Result<Response>> (*)(Context* context, Exchange* exchange);

/// A parameter as the description of the API names it. `type`: a JSON Schema type, or words separated by |
/// for an enum.
struct Parameter {
  std::string_view name;
  std::string_view in;  ///< path, query or header
  std::string_view type;
  std::string_view description;
};

struct BodyKind {
  std::string_view media_type;
  std::string_view schema;  ///< name of a schema in openapi_schemas.json; empty: bytes
};

struct Reply {
  unsigned status = 200;
  std::string_view description;
  std::string_view media_type;  ///< empty: no body
  std::string_view schema;      ///< empty: bytes or text
};

/// Who may ask. `superuser` is for management: every such request that changes something is written to the audit.
enum class Access : std::uint8_t { anybody, user, superuser };

/// One operation of the API. Dispatch, the Allow header, /openapi.json and docs/reference/routes.md are all
/// made of these.
struct Route {
  std::string_view method;
  std::string_view
      path;  ///< "/api/v1/items/{id}"; {name} may also stand at the end of a segment: "transcript.{format}"
  std::string_view operation;
  std::string_view summary;
  std::vector<Parameter> parameters;
  std::vector<BodyKind> bodies;
  std::vector<Reply> replies;
  Handler handler = nullptr;
  Access access = Access::user;
};

/// What a router found.
struct Found {
  const Route* route = nullptr;  ///< nullptr: see `allowed`
  std::map<std::string, std::string> path_values;
  std::vector<std::string_view> allowed;  ///< methods of this path, if any route has it
};

/// The route of a method and a path. HEAD finds GET.
Found find_route(std::span<const Route> routes, std::string_view method,
                 const std::vector<std::string>& segments);

}  // namespace holdfast::web
