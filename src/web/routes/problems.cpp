#include <boost/json.hpp>

#include "core/catalogue/catalogue.hpp"
#include "web/header_value.hpp"
#include "web/routes/routes.hpp"

namespace holdfast::web {
namespace {

namespace json = boost::json;

/// For texts of the catalogue; escaped all the same, so that no later sentence can break the page.
std::string escape_html(std::string_view text) {
  std::string out;
  for (const char letter : text) {
    switch (letter) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += letter;
    }
  }
  return out;
}

std::string to_page(const catalogue::Entry& entry) {
  const std::string title = escape_html(entry.title);
  return "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>" +
         title +
         " - Holdfast</title>\n<link rel=\"stylesheet\" href=\"/app.css\">\n</head>\n<body>\n<main "
         "class=\"page\">\n<h1>" +
         title + "</h1>\n<p>" + escape_html(entry.message) + "</p>\n<h2>What to do</h2>\n<p>" +
         escape_html(entry.what_to_do) + "</p>\n<p class=\"quiet\">Code " + escape_html(entry.code) +
         "</p>\n<p><a href=\"/\">Your items</a></p>\n</main>\n</body>\n</html>\n";
}

json::object to_object(const catalogue::Entry& entry) {
  return {{"code", entry.code},       {"title", entry.title},           {"status", entry.status},
          {"message", entry.message}, {"what_to_do", entry.what_to_do}, {"retryable", entry.retryable}};
}

bool wants_page(Exchange* exchange) {
  const std::string accept = exchange->head.field("accept");
  for (const std::string_view element : list_elements(accept)) {
    if (element.starts_with("text/html")) return true;
  }
  return false;
}

Task<Result<Response>> get_problem(Context* /*context*/, Exchange* exchange) {
  const catalogue::Entry* entry = catalogue::find(exchange->path_values["code"]);
  if (entry == nullptr) co_return fail(ErrorClass::not_found, "HF-REQ-06", "there is no such code");
  if (wants_page(exchange)) co_return make_response(200, "text/html; charset=utf-8", to_page(*entry));
  co_return json_response(200, to_object(*entry));
}

}  // namespace

void add_problem_routes(std::vector<Route>& table) {
  table.push_back({.method = "GET",
                   .path = "/problems/{code}",
                   .operation = "getProblem",
                   .summary = "What an error code means and what can be done; a page for browsers.",
                   .parameters = {{"code", "path", "string", "As in a problem document: HF-UPL-01."}},
                   .replies = {{200, "The words for it.", "application/json", "ProblemHelp"},
                               {200, "The words for it.", "text/html", ""},
                               {404, "There is no such code.", "application/problem+json", "Problem"}},
                   .handler = &get_problem,
                   .access = Access::anybody});
}

}  // namespace holdfast::web
