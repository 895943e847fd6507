#pragma once

#include <string>

#include "app/cli/problem.hpp"

/// Answers of /api/failure-recovery for people: tables are tab-separated when they are not for a terminal.
namespace holdfast::cli {

Outcome<std::string> dead_letter_table(const std::string& body, bool terminal);
Outcome<std::string> group_table(const std::string& body, bool terminal);
Outcome<std::string> queue_table(const std::string& body, bool terminal);

/// Every step that was taken with an item, one line each.
[[nodiscard]] std::string history_lines(const std::string& body);

/// What a bulk change would be about, or how far it is.
[[nodiscard]] std::string bulk_words(const std::string& body);

}  // namespace holdfast::cli
