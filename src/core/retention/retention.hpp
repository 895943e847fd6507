#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/job/job.hpp"

/// How long what is kept: pure decisions. Every age counts from the end of an item's work, so that nothing that is
/// waiting, worked on or held is ever due.
namespace holdfast::retention {

/// Nothing: kept.
using Age = std::optional<milliseconds>;

/// The ages of what belongs to an item.
struct Ages {
  Age files;         ///< what was handed in, of completed and cancelled items
  Age transcripts;   ///< transcript and other results, of completed and cancelled items
  Age dead_letters;  ///< file and what there is of results, of failed items: for so long they can be tried again
  Age items;         ///< the whole record
};

/// What a recipe says of its own items. Nothing: as the server says.
struct Overrides {
  std::optional<Age> files;
  std::optional<Age> transcripts;
  std::optional<Age> dead_letters;
  std::optional<Age> items;
};

/// What is in force.
struct Policy {
  Ages ages;             ///< of items whose recipe says nothing, or is not there any more
  Age audit;             ///< trails of items that were removed
  Age management_audit;  ///< lines of the audit of management
  std::map<std::string, Ages> recipes;

  [[nodiscard]] const Ages& of(const std::string& recipe) const {
    const auto found = recipes.find(recipe);
    return found == recipes.end() ? ages : found->second;
  }
};

inline const Policy kKeepEverything{};

[[nodiscard]] Ages laid_over(const Ages& server, const Overrides& recipe);

/// One sentence that says which ages contradict each other; empty: none do. What is needed longer must be kept at
/// least as long: files <= dead_letters; files, transcripts, dead_letters <= items <= audit <= management_audit. An
/// item that is kept keeps its trail, whatever the audit's age.
[[nodiscard]] std::string contradiction(const Policy& policy);

/// "24 h", "90 d"; "keep".
[[nodiscard]] std::string to_text(const Age& age);

/// What is still there of an item: bits kFile and kResults. What it can be found by.
using Kept = unsigned;
inline constexpr Kept kFile = 1;
inline constexpr Kept kResults = 2;
[[nodiscard]] Kept kept(const Job& job);

/// What of an item is due now. A record goes only when a pass before it took everything else.
struct Due {
  bool file = false;
  bool results = false;
  bool item = false;
  Age age;  ///< the one that is over
};
[[nodiscard]] Due due(const Job& job, const Ages& ages, WallTime now);
/// For the trail and the item's owner: "24 h after the end of the work".
[[nodiscard]] std::string rule_of(const Due& due);

/// Until when what is kept; nothing: it is not over, it is kept, or it is gone.
struct Outlook {
  std::optional<WallTime> file_until;
  std::optional<WallTime> results_until;
  std::optional<WallTime> item_until;
};
[[nodiscard]] Outlook outlook(const Job& job, const Ages& ages);

/// Jobs to look for: of this status, with exactly this still there, whose work ended at least so long ago.
struct Search {
  JobStatus status = JobStatus::completed;
  Kept kept = 0;
  milliseconds age{};
  std::string_view what;  ///< file, results, dead_letter or item: what is due of them
};
/// Together they find everything that is due; records come last.
[[nodiscard]] std::vector<Search> searches(const Ages& ages);

/// Until when lines of an audit are over. Rounded down to whole days for a long age, so that the line that tells of
/// their removal comes once a day and not with each pass.
[[nodiscard]] WallTime coarse_cutoff(milliseconds age, WallTime now);

}  // namespace holdfast::retention
