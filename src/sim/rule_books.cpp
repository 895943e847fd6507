#include "sim/rule_books.hpp"

#include <algorithm>

#include "ports/worker_pool.hpp"
#include "sim/node_of.hpp"

namespace holdfast::sim {
namespace {

/// An attempt that may be tried again, unless there were enough.
bool is_retried(ErrorClass cls) {
  return cls == ErrorClass::transient || cls == ErrorClass::resource || cls == ErrorClass::overloaded ||
         cls == ErrorClass::unknown;
}

bool is_death(std::string_view code) { return code == kWorkerDied || code == kWorkerHung; }

std::string counted(unsigned count, const char* what) { return std::to_string(count) + ' ' + what; }

}  // namespace

void RuleBooks::in_force(int node, const RecoveryRules& rules, bool from_its_start) {
  auto& versions = versions_[node];
  if (from_its_start) versions.clear();
  versions.push_back({timeline_.now(), rules});
}

RuleBooks::Limits RuleBooks::limits(const Commit& commit, std::optional<unsigned> RecoveryRule::*rule,
                                    unsigned otherwise) {
  const auto& versions = versions_[*node_of(*commit.before->lease)];
  const MonoTime claimed = claimed_at_[commit.before->id];
  const std::string& kind = commit.before->stages[commit.before->stage].kind;
  Limits limits{.least = ~0U, .most = 0};
  for (std::size_t i = 0; i < versions.size(); ++i) {
    const bool over = i + 1 < versions.size() && versions[i + 1].since < claimed;
    if (over) continue;
    const auto said = versions[i].rules.find(kind);
    const unsigned value = said != versions[i].rules.end() ? (said->second.*rule).value_or(otherwise) : otherwise;
    limits = {std::min(limits.least, value), std::max(limits.most, value)};
  }
  return limits;
}

void RuleBooks::check_goes_on(const Commit& commit, const StageRecord& stage, bool died) {
  const unsigned attempts = limits(commit, &RecoveryRule::attempts_max, recipe_.attempts_max).most;
  const unsigned crashes = limits(commit, &RecoveryRule::crashes_max, recipe_.crashes_max).most;
  if (stage.attempts >= attempts)
    complain_(commit.before->id.text() + ": goes on after " + counted(stage.attempts, "attempts, and may have ") +
              std::to_string(attempts));
  if (died && stage.crashes >= crashes)
    complain_(commit.before->id.text() + ": goes on after " + counted(stage.crashes, "deaths, and may have ") +
              std::to_string(crashes));
}

void RuleBooks::check_set_aside(const Commit& commit, const StageRecord& stage, bool died) {
  const unsigned attempts = limits(commit, &RecoveryRule::attempts_max, recipe_.attempts_max).least;
  const unsigned crashes = limits(commit, &RecoveryRule::crashes_max, recipe_.crashes_max).least;
  const bool enough = stage.attempts >= attempts || (died && stage.crashes >= crashes);
  if (!enough)
    complain_(commit.before->id.text() + ": set aside after " + counted(stage.attempts, "attempts, of ") +
              counted(attempts, "that it may have"));
}

void RuleBooks::committed(const Commit& commit) {
  const Job& after = commit.change->after;
  const bool known = commit.caller && commit.before != nullptr && commit.before->lease &&
                     node_of(*commit.before->lease) && current_stage(*commit.before) != nullptr;
  for (const AuditEntry& entry : commit.change->audit) {
    if (entry.type == "stage.started") claimed_at_[after.id] = timeline_.now();
    if (!known || !after.error) continue;
    const StageRecord& stage = after.stages[commit.before->stage];
    const std::string& code = after.error->code;
    if (entry.type == "stage.failed") check_goes_on(commit, stage, is_death(code));
    const bool by_count = is_retried(after.error->cls) || code == "HF-ENG-05";
    if (entry.type == "job.dead" && by_count) check_set_aside(commit, stage, is_death(code) || code == "HF-ENG-05");
  }
}

}  // namespace holdfast::sim
