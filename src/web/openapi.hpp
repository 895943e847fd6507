#pragma once

#include <boost/json/object.hpp>
#include <span>
#include <string>

#include "web/route.hpp"

namespace holdfast::web {

/// OpenAPI 3.1 of exactly these routes.
boost::json::object to_openapi(std::span<const Route> routes);

/// The same of every route there is, as JSON text.
std::string openapi_text();

}  // namespace holdfast::web
