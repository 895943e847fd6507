#include "core/retention/retention.hpp"

#include <algorithm>
#include <utility>

namespace holdfast::retention {
namespace {

constexpr milliseconds kDay = std::chrono::hours{24};

/// Whether one age ends before the other; what is kept never ends.
bool shorter(const Age& one, const Age& other) { return one && (!other || *one < *other); }

struct Named {
  std::string_view name;
  const Age& age;
};

/// Empty: `longer` lasts at least as long.
std::string compare(const std::string& whose, Named shorter_one, Named longer, std::string_view why) {
  if (!shorter(longer.age, shorter_one.age)) return {};
  return whose + "." + std::string{longer.name} + " (" + to_text(longer.age) + ") must not be shorter than retention." +
         std::string{shorter_one.name} + " (" + to_text(shorter_one.age) + "): " + std::string{why};
}

std::string contradiction_of(const std::string& whose, const Ages& ages) {
  const Named items{"items", ages.items};
  const Named dead{"dead_letters", ages.dead_letters};
  const std::string_view as_a_whole = "the record goes with everything that belongs to it";
  for (const std::string& found :
       {compare(whose, {"files", ages.files}, dead, "a file that failed can be tried again at least as long"),
        compare(whose, {"files", ages.files}, items, as_a_whole),
        compare(whose, {"transcripts", ages.transcripts}, items, as_a_whole),
        compare(whose, dead, items, as_a_whole)}) {
    if (!found.empty()) return found;
  }
  return {};
}

std::string contradiction_with_audit(const std::string& whose, const Ages& ages, const Age& audit) {
  if (!ages.items || !shorter(audit, ages.items)) return {};
  return "retention.audit (" + to_text(audit) + ") must not be shorter than " + whose + ".items (" +
         to_text(ages.items) + "): what became of an item is told longer than the item is kept";
}

bool is_dead_letter(const Job& job) { return job.status == JobStatus::failed && job.discarded.empty(); }

const Age& age_of_file(const Job& job, const Ages& ages) {
  return is_dead_letter(job) ? ages.dead_letters : ages.files;
}
const Age& age_of_results(const Job& job, const Ages& ages) {
  return is_dead_letter(job) ? ages.dead_letters : ages.transcripts;
}

std::optional<WallTime> end_of(const Job& job, const Age& age) {
  return job.over_at && age ? std::optional{*job.over_at + *age} : std::nullopt;
}

bool is_over(const Job& job, const Age& age, WallTime now) {
  const auto end = end_of(job, age);
  return end && *end <= now;
}

void search_for(std::vector<Search>& out, const Age& age, std::string_view what, std::vector<JobStatus> statuses,
                std::vector<Kept> kept) {
  if (!age) return;
  for (const JobStatus status : statuses) {
    for (const Kept there : kept) out.push_back({.status = status, .kept = there, .age = *age, .what = what});
  }
}

}  // namespace

Ages laid_over(const Ages& server, const Overrides& recipe) {
  return {.files = recipe.files.value_or(server.files),
          .transcripts = recipe.transcripts.value_or(server.transcripts),
          .dead_letters = recipe.dead_letters.value_or(server.dead_letters),
          .items = recipe.items.value_or(server.items)};
}

std::string contradiction(const Policy& policy) {
  auto all = policy.recipes;
  all.emplace("", policy.ages);
  for (const auto& [recipe, ages] : all) {
    const std::string whose = recipe.empty() ? "retention" : "recipe " + recipe + ": retention";
    if (auto found = contradiction_of(whose, ages); !found.empty()) return found;
    if (auto found = contradiction_with_audit(whose, ages, policy.audit); !found.empty()) return found;
  }
  return compare("retention", {"audit", policy.audit}, {"management_audit", policy.management_audit},
                 "it tells what was removed from the audit");
}

std::string to_text(const Age& age) {
  if (!age) return "keep";
  constexpr std::array<std::pair<std::int64_t, const char*>, 5> kUnits{
      {{86'400'000, " d"}, {3'600'000, " h"}, {60'000, " min"}, {1000, " s"}, {1, " ms"}}};
  const std::int64_t ms = age->count();
  for (const auto& [unit, name] : kUnits) {
    const bool a_single_day = unit == kDay.count() && ms == unit;  // "24 h" is how people say it
    if (ms % unit == 0 && !a_single_day) return std::to_string(ms / unit) + name;
  }
  return std::to_string(ms) + " ms";
}

Kept kept(const Job& job) { return (keeps_file(job) ? kFile : 0U) | (keeps_results(job) ? kResults : 0U); }

Due due(const Job& job, const Ages& ages, WallTime now) {
  Due found;
  found.file = keeps_file(job) && is_over(job, age_of_file(job, ages), now);
  found.results = keeps_results(job) && is_over(job, age_of_results(job, ages), now);
  found.item = kept(job) == 0 && is_over(job, ages.items, now);
  if (found.results) found.age = age_of_results(job, ages);
  if (found.file) found.age = age_of_file(job, ages);
  if (found.item) found.age = ages.items;
  return found;
}

std::string rule_of(const Due& due) { return to_text(due.age) + " after the end of the work"; }

Outlook outlook(const Job& job, const Ages& ages) {
  Outlook out{.item_until = end_of(job, ages.items)};
  if (keeps_file(job)) out.file_until = end_of(job, age_of_file(job, ages));
  if (keeps_results(job)) out.results_until = end_of(job, age_of_results(job, ages));
  return out;
}

std::vector<Search> searches(const Ages& ages) {
  using enum JobStatus;
  std::vector<Search> out;
  search_for(out, ages.files, "file", {completed, cancelled}, {kFile, kFile | kResults});
  search_for(out, ages.transcripts, "results", {completed, cancelled}, {kResults, kFile | kResults});
  search_for(out, ages.dead_letters, "dead_letter", {failed}, {kFile, kResults, kFile | kResults});
  search_for(out, ages.items, "item", {completed, cancelled, failed}, {0});
  return out;
}

WallTime coarse_cutoff(milliseconds age, WallTime now) {
  const milliseconds grain = std::clamp(age / 100, milliseconds{1}, kDay);
  const WallTime exact = now - age;
  return exact - exact.time_since_epoch() % grain;
}

}  // namespace holdfast::retention
