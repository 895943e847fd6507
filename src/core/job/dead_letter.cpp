#include "core/job/dead_letter.hpp"

#include <algorithm>
#include <tuple>

namespace holdfast {
namespace {

bool same(const std::optional<std::string>& wanted, const std::string& there) { return !wanted || *wanted == there; }

auto cause_of(const DeadLetterFacts& facts) { return std::tie(facts.recipe, facts.stage, facts.code); }
auto cause_of(const DeadLetterGroup& group) { return std::tie(group.recipe, group.stage, group.code); }

}  // namespace

std::optional<DeadLetterFacts> dead_letter_facts(const Job& job) {
  if (job.status != JobStatus::failed) return std::nullopt;
  const StageRecord* stage = current_stage(job);
  return DeadLetterFacts{.id = job.id,
                         .owner = job.owner,
                         .recipe = job.recipe,
                         .stage = stage != nullptr ? stage->name : std::string{},
                         .kind = stage != nullptr ? stage->kind : std::string{},
                         .code = job.error ? job.error->code : std::string{},
                         .failed_at = stage != nullptr ? stage->finished_at.value_or(job.updated_at) : job.updated_at,
                         .discarded = !job.discarded.empty()};
}

bool matches(const DeadLetterFilter& filter, const DeadLetterFacts& facts) {
  const bool in_time = (!filter.failed_from || facts.failed_at >= *filter.failed_from) &&
                       (!filter.failed_until || facts.failed_at <= *filter.failed_until);
  return in_time && filter.discarded == facts.discarded && same(filter.owner, facts.owner) &&
         same(filter.recipe, facts.recipe) && same(filter.stage, facts.stage) && same(filter.kind, facts.kind) &&
         same(filter.code, facts.code);
}

bool matches(const DeadLetterFilter& filter, const Job& job) {
  const auto facts = dead_letter_facts(job);
  return facts && matches(filter, *facts);
}

void DeadLetterGroups::add(const DeadLetterFacts& facts) {
  auto here = std::ranges::find_if(groups_, [&](const Gathered& g) { return cause_of(g.group) == cause_of(facts); });
  if (here == groups_.end()) {
    groups_.push_back({.group = {.recipe = facts.recipe,
                                 .stage = facts.stage,
                                 .kind = facts.kind,
                                 .code = facts.code,
                                 .first_at = facts.failed_at,
                                 .last_at = facts.failed_at}});
    here = groups_.end() - 1;
  }
  here->group.count += 1;
  here->group.first_at = std::min(here->group.first_at, facts.failed_at);
  here->group.last_at = std::max(here->group.last_at, facts.failed_at);
  auto& newest = here->newest;
  const auto before = std::ranges::find_if(
      newest, [&](const Sample& s) { return std::tie(facts.failed_at, facts.id) > std::tie(s.at, s.id); });
  newest.insert(before, {facts.failed_at, facts.id});
  if (newest.size() > DeadLetterGroup::kSamplesMax) newest.pop_back();
}

std::vector<DeadLetterGroup> DeadLetterGroups::sorted() const {
  std::vector<DeadLetterGroup> out;
  for (const Gathered& gathered : groups_) {
    out.push_back(gathered.group);
    for (const Sample& sample : gathered.newest) out.back().samples.push_back(sample.id);
  }
  std::ranges::sort(out, [](const DeadLetterGroup& a, const DeadLetterGroup& b) {
    return a.count != b.count ? a.count > b.count : cause_of(a) < cause_of(b);
  });
  return out;
}

}  // namespace holdfast
