#pragma once

#include <string>
#include <utility>
#include <vector>

#include "app/drill/acceptance.hpp"
#include "app/drill/drill.hpp"

/// How drills and what they found are told. Values in, text out.
namespace holdfast::drill {

using Played = std::vector<std::pair<const Drill*, Findings>>;

[[nodiscard]] std::string list_text();
[[nodiscard]] std::string list_json();

/// One drill for people, several lines.
[[nodiscard]] std::string findings_text(const Drill& drill, const Findings& findings);
/// How many were played, failed and skipped, in a line.
[[nodiscard]] std::string sum_text(const Played& played);
/// [{"id","ok","recovery_s","lost","seen":[...]}], and beside these title, rows, broken, sent, took_s, failure and
/// skipped.
[[nodiscard]] std::string played_json(const Played& played);
/// The page docs/drills.md: what is drilled, and what this run found.
[[nodiscard]] std::string played_page(const Played& played);

[[nodiscard]] std::string acceptance_text(const Acceptance& acceptance);
[[nodiscard]] std::string acceptance_json(const Acceptance& acceptance);

}  // namespace holdfast::drill
