#pragma once

#include <map>
#include <string>

/// The reference pages, made from the tables that the program itself works by.
namespace holdfast::cli {

/// File name -> text. `openapi`: the server's OpenAPI document as JSON; empty: the page of routes is left
/// out.
[[nodiscard]] std::map<std::string, std::string> reference_pages(const std::string& openapi);

}  // namespace holdfast::cli
