#include "web/embedded.hpp"
#include "web/routes/routes.hpp"

namespace holdfast::web {
namespace {

Result<Response> file_response(Exchange* exchange, std::string_view name, std::string_view media_type) {
  const EmbeddedFile* file = find_embedded(name);
  if (file == nullptr) return fail(ErrorClass::not_found, "HF-REQ-06", "the page is not part of this build");
  const std::string etag = "\"" + std::string{file->sha256} + "\"";
  const bool known = exchange->head.field("if-none-match") == etag;
  Response response =
      known ? Response{.status = 304} : make_response(200, std::string{media_type}, std::string{file->bytes});
  response.with("ETag", etag).with("Cache-Control", "no-cache");
  return response;
}

Task<Result<Response>> get_page(Context* /*context*/, Exchange* exchange) {
  co_return file_response(exchange, "index.html", "text/html; charset=utf-8");
}

Task<Result<Response>> get_style(Context* /*context*/, Exchange* exchange) {
  co_return file_response(exchange, "app.css", "text/css; charset=utf-8");
}

Task<Result<Response>> get_script(Context* /*context*/, Exchange* exchange) {
  co_return file_response(exchange, "app.js", "text/javascript; charset=utf-8");
}

Task<Result<Response>> get_session_script(Context* /*context*/, Exchange* exchange) {
  co_return file_response(exchange, "session.js", "text/javascript; charset=utf-8");
}

Task<Result<Response>> get_icon(Context* /*context*/, Exchange* exchange) {
  co_return file_response(exchange, "icon.svg", "image/svg+xml");
}

Route page_route(std::string_view path, std::string_view operation, std::string_view summary,
                 std::string_view media_type, Handler handler) {
  return {.method = "GET",
          .path = path,
          .operation = operation,
          .summary = summary,
          .replies = {{200, "The file.", media_type, ""}},
          .handler = handler,
          .access = Access::anybody};
}

}  // namespace

void add_page_routes(std::vector<Route>& table) {
  table.push_back(page_route("/", "getPage", "The page for people.", "text/html", &get_page));
  table.push_back(page_route("/app.css", "getStyle", "Its style.", "text/css", &get_style));
  table.push_back(page_route("/app.js", "getScript", "Its script.", "text/javascript", &get_script));
  table.push_back(page_route("/session.js", "getSessionScript", "Its script for logging in.", "text/javascript",
                             &get_session_script));
  table.push_back(page_route("/icon.svg", "getIcon", "Its icon.", "image/svg+xml", &get_icon));
}

}  // namespace holdfast::web
