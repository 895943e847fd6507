#pragma once

#include <string>

#include "app/cli/problem.hpp"
#include "app/cli/render.hpp"

/// Reads the item object of the server (docs/reference/routes.md) for people.
namespace holdfast::cli {

/// Problem: HF-CLI-04, this is not an item.
Outcome<ItemState> read_item(const std::string& body);

[[nodiscard]] bool is_over(const ItemState& state);

/// The whole item for people: facts, stages, messages, result.
[[nodiscard]] std::string item_page(const std::string& body);

/// A list answer as a table; tab-separated when it is not for a terminal.
Outcome<std::string> item_table(const std::string& body, bool terminal);

/// What a search has found, one line each: where in which item, what, and why it was found.
Outcome<std::string> found_table(const std::string& body, bool terminal);

}  // namespace holdfast::cli
