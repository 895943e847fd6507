#include "app/drill/report.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <cstdio>

namespace holdfast::drill {
namespace {

namespace json = boost::json;

constexpr std::string_view kPageHead = R"(# Drills

Made by `holdfast drill run --all --table docs/drills.md`; run it again instead of changing this page.

A drill starts a scratch instance, breaks a real part of it, looks at it as a user and as an operator through the
public API, and ends by asking whether every acknowledged item and file is there and whether `holdfast verify` finds
every promise kept. It touches nothing but its own folder and its own processes. Run them before a class or a release:

    holdfast drill list                 what there is
    holdfast drill run LAB_9            one, with everything that was seen
    holdfast drill run --all            all of them
    holdfast drill acceptance           ten uploads at once under faults, for as long as you say

Recovery is the time from the breaking to work as before; where a person mends what was broken, from the mending.
Waits between attempts are short in a drill. A drill that this machine does not allow (a mount, a network of its own)
is skipped and says so.

| drill | what is broken | recovery | sent | lost | kept |
| --- | --- | --- | --- | --- | --- |
)";

std::string joined(const std::vector<std::string_view>& words, std::string_view between) {
  std::string text;
  for (const std::string_view word : words) (text += text.empty() ? "" : between) += word;
  return text;
}

std::string seconds(milliseconds time) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f s", static_cast<double>(time.count()) / 1'000);
  return text;
}

std::string verdict(const Findings& findings) {
  if (!findings.skipped.empty()) return "skipped";
  return findings.ok() ? "kept" : "BROKEN";
}

json::array words_array(const std::vector<std::string_view>& words) {
  json::array out;
  for (const std::string_view word : words) out.push_back(json::string{word});
  return out;
}

json::object drill_object(const Drill& drill, const Findings& findings) {
  return {{"id", drill.id},
          {"ok", findings.ok()},
          {"recovery_s", static_cast<double>(findings.recovery.count()) / 1'000},
          {"lost", findings.lost},
          {"seen", json::array(findings.seen.begin(), findings.seen.end())},
          {"title", drill.title},
          {"rows", words_array(drill.rows)},
          {"broken", findings.broken},
          {"sent", findings.sent},
          {"took_s", static_cast<double>(findings.took.count()) / 1'000},
          {"failure", findings.failure.empty() ? json::value(nullptr) : json::value(findings.failure)},
          {"skipped", findings.skipped.empty() ? json::value(nullptr) : json::value(findings.skipped)}};
}

/// Tables have no line breaks and no bars in a cell.
std::string cell(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  std::ranges::replace(text, '|', '/');
  return text;
}

std::string seen_lines(const Findings& findings, std::string_view before) {
  std::string text;
  for (const std::string& seen : findings.seen) text += std::string{before} + seen + "\n";
  return text;
}

}  // namespace

std::string list_text() {
  std::string text;
  for (const Drill& drill : drills()) {
    std::string id{drill.id};
    id.resize(std::max<std::size_t>(id.size(), 12), ' ');
    text += id + std::string{drill.title} + " (" + joined(drill.rows, ", ") + ")\n";
  }
  return text;
}

std::string list_json() {
  json::array list;
  for (const Drill& drill : drills())
    list.push_back(json::object{{"id", drill.id}, {"title", drill.title}, {"rows", words_array(drill.rows)}});
  return json::serialize(list) + "\n";
}

std::string findings_text(const Drill& drill, const Findings& findings) {
  std::string text = std::string{drill.id} + "  " + std::string{drill.title} + ": " + verdict(findings);
  if (findings.skipped.empty())
    text += ", recovered in " + seconds(findings.recovery) + ", " + std::to_string(findings.sent) + " sent, " +
            std::to_string(findings.lost) + " lost";
  text += "\n";
  if (!findings.broken.empty()) text += "    broken: " + findings.broken + "\n";
  text += seen_lines(findings, "    ");
  if (!findings.failure.empty()) text += "    BROKEN PROMISE: " + findings.failure + "\n";
  if (!findings.skipped.empty()) text += "    skipped: " + findings.skipped + "\n";
  return text;
}

std::string sum_text(const Played& played) {
  std::size_t kept = 0;
  std::size_t skipped = 0;
  for (const auto& [drill, findings] : played) {
    kept += findings.ok() ? 1 : 0;
    skipped += findings.skipped.empty() ? 0 : 1;
  }
  return std::to_string(played.size()) + " drills: " + std::to_string(kept) + " kept, " +
         std::to_string(played.size() - kept - skipped) + " broken, " + std::to_string(skipped) + " skipped\n";
}

std::string played_json(const Played& played) {
  json::array list;
  for (const auto& [drill, findings] : played) list.push_back(drill_object(*drill, findings));
  return json::serialize(list) + "\n";
}

std::string played_page(const Played& played) {
  std::string page{kPageHead};
  for (const auto& [drill, findings] : played) {
    const bool played_here = findings.skipped.empty();
    page += "| `" + std::string{drill->id} + "` " + std::string{drill->title} + " | " + cell(findings.broken) + " | ";
    page += played_here ? seconds(findings.recovery) + " | " + std::to_string(findings.sent) + " | " +
                              std::to_string(findings.lost) + " | "
                        : " | | | ";
    page += verdict(findings) + " |\n";
  }
  page += "\n## What was seen\n";
  for (const auto& [drill, findings] : played) {
    page += "\n### " + std::string{drill->id} + ": " + std::string{drill->title} + "\n\nRows: " +
            joined(drill->rows, ", ") + ".\n\n" + seen_lines(findings, "- ");
    if (!findings.skipped.empty()) page += "- skipped: " + findings.skipped + "\n";
    if (!findings.failure.empty()) page += "- broken promise: " + findings.failure + "\n";
  }
  return page;
}

std::string acceptance_text(const Acceptance& acceptance) {
  std::string text;
  for (const Figure& figure : acceptance.figures) {
    char line[160];
    const char* const verdict = figure.limit.empty() ? "" : figure.kept ? "kept" : "BROKEN";
    std::snprintf(line, sizeof line, "%-40s %10.1f %-3s %-18s %s\n", figure.name.c_str(), figure.value,
                  figure.unit.c_str(), figure.limit.c_str(), verdict);
    text += line;
  }
  if (!acceptance.failure.empty()) text += "not carried through: " + acceptance.failure + "\n";
  return text;
}

std::string acceptance_json(const Acceptance& acceptance) {
  json::array figures;
  for (const Figure& figure : acceptance.figures) {
    figures.push_back(json::object{{"name", figure.name},
                                   {"value", figure.value},
                                   {"unit", figure.unit},
                                   {"limit", figure.limit.empty() ? json::value(nullptr) : json::value(figure.limit)},
                                   {"kept", figure.kept}});
  }
  json::object out{{"id", "LAB_12"}, {"ok", acceptance.ok()}, {"figures", std::move(figures)}};
  out["failure"] = acceptance.failure.empty() ? json::value(nullptr) : json::value(acceptance.failure);
  return json::serialize(out) + "\n";
}

}  // namespace holdfast::drill
