#include "sim/ladder_books.hpp"

#include <algorithm>

#include "sim/sim_workers.hpp"
#include "sim/speech_ladder.hpp"

namespace holdfast::sim {
namespace {

constexpr unsigned kDoublingsMax = 4;      ///< of the wait, after tries that ran out
constexpr std::uint64_t kSparePercent = 25;  ///< so much more than it needs is to be free

std::string worker_name(int node) { return node_name(node) + ": the speech worker"; }
std::string step_name(std::size_t step) { return "step " + std::to_string(step); }

bool ends_attempt(const AuditEntry& entry) { return entry.type == "stage.failed" || entry.type == "job.dead"; }

}  // namespace

void LadderBooks::fell(int node, std::size_t from, std::size_t to) {
  Entry& entry = entries_[node];
  if (from != entry.step || (to != from && to != from + 1))
    complain_(worker_name(node) + " fell from " + step_name(from) + " to " + step_name(to));
  coverage_.reached(entry.trying ? "ladder/relapsed" : to == from ? "ladder/at_the_least" : "ladder/fell");
  entry.relapses += entry.trying ? 1 : 0;
  entry.trying = false;
  entry.step = to;
  entry.up_from = deps_.timeline.now() + deps_.up_after * (1U << std::min(entry.relapses, kDoublingsMax));
}

void LadderBooks::climbed(int node, std::size_t from, std::size_t to, std::uint64_t needs,
                          std::optional<std::uint64_t> free) {
  Entry& entry = entries_[node];
  if (from != entry.step || to + 1 != from)
    complain_(worker_name(node) + " climbed from " + step_name(from) + " to " + step_name(to));
  if (const auto early = entry.up_from - deps_.timeline.now(); early > milliseconds{0})
    complain_(worker_name(node) + " tries more " + std::to_string(early.count()) + " ms too soon, after " +
              std::to_string(entry.relapses) + " tries that ran out");
  if (free && *free < needs + needs * kSparePercent / 100)
    complain_(worker_name(node) + " tries what has no room");
  coverage_.reached(free ? "ladder/climbed" : "ladder/climbed_blindly");
  entry.trying = true;
  entry.step = to;
  entry.up_from = deps_.timeline.now() + deps_.up_after;
}

void LadderBooks::worked(int node) {
  Entry& entry = entries_[node];
  if (!std::exchange(entry.trying, false)) return;
  entry.relapses = 0;
  coverage_.reached(entry.step == 0 ? "ladder/as_configured_again" : "ladder/proven");
}

void LadderBooks::ready(int node) {
  Entry& entry = entries_[node];
  if (!entry.refused_until) return;
  entry.refused_until.reset();
  entry.ready_at = deps_.timeline.now();
}

std::optional<MonoTime> LadderBooks::ready_since(int node) const {
  const auto entry = entries_.find(node);
  if (entry == entries_.end()) return std::nullopt;
  if (!entry->second.refused_until) return entry->second.ready_at;
  const auto room = deps_.workers.rooms.at(node).since(SpeechLadder::kLeast, deps_.timeline.now());
  if (!room) return std::nullopt;
  return std::max(*room, *entry->second.refused_until);
}

void LadderBooks::made_with_less(const ItemId& item, Fence fence, std::int64_t position_ms) {
  with_less_[{item, fence}].insert(position_ms);
  ever_with_less_.insert(item);
}

/// Memory is no fault of the item: it is no death that would set it aside, and it goes on, or ends, as attempts do. But
/// an attempt that had got no further for too long may be ended for that at the very moment in which its memory runs
/// out: then both is true, and it ends as the one that was seen first.
void LadderBooks::check_end(const Commit& commit) {
  const Job& after = commit.change->after;
  const auto got_no_further = [](const AuditEntry& entry) {
    return ends_attempt(entry) && entry.detail == kWorkerHung;
  };
  if (std::ranges::any_of(commit.change->audit, got_no_further)) return;
  for (const AuditEntry& entry : commit.change->audit) {
    if (ends_attempt(entry) && entry.detail != kOutOfMemory)
      complain_(after.id.text() + ": ran out of memory, and its attempt ended with " + entry.detail);
  }
  if (after.stages[commit.before->stage].crashes > commit.before->stages[commit.before->stage].crashes)
    complain_(after.id.text() + ": ran out of memory, and that counts as a death");
}

void LadderBooks::check_told(const Commit& commit) {
  const StageRecord& stage = commit.change->after.stages[commit.before->stage];
  const ItemId& id = commit.before->id;
  const bool told = std::ranges::find(stage.warnings, kWithLess) != stage.warnings.end();
  const auto made = with_less_.find({id, *commit.caller});
  const bool kept = made != with_less_.end() && *made->second.begin() <= stage.position_ms;
  if (kept && !told) complain_(id.text() + ": was made with less, and does not say so");
  if (told && !ever_with_less_.contains(id)) complain_(id.text() + ": says that it was made with less, and was not");
}

void LadderBooks::went_back(const Job& job) {
  kept_less_.erase(job.id);
  for (const StageRecord& stage : job.stages) {
    if (stage.kind == "transcribe" && (stage.with_less || is_lesser(stage))) kept_less_.insert(job.id);
  }
}

void LadderBooks::remember_kept(const Commit& commit) {
  const StageRecord& stage = commit.change->after.stages[commit.before->stage];
  const auto made = with_less_.find({commit.before->id, *commit.caller});
  if (made == with_less_.end()) return;
  const bool ended = stage.state == StageState::completed && *made->second.rbegin() == kWholeRecording;
  if (*made->second.begin() <= stage.position_ms || ended) kept_less_.insert(commit.before->id);
}

/// When the transcript is there, the item's mode is the one that was asked for, or the one that says what it was made
/// with: never the other.
void LadderBooks::check_mode(const Commit& commit) {
  const Job& after = commit.change->after;
  const StageRecord& stage = after.stages[commit.before->stage];
  if (after.requested_mode.empty() || stage.kind != "transcribe" || stage.state != StageState::completed) return;
  const bool less = kept_less_.contains(after.id);
  const std::string wanted = !less ? after.requested_mode : after.requested_mode == "full" ? "full_small" : "small";
  if (after.mode != wanted)
    complain_(after.id.text() + ": says mode " + after.mode + ", and was done in " + wanted);
  const bool marked = stage.fallback && stage.fallback->strategy == kSmallerModel;
  if (marked != less) complain_(after.id.text() + ": is marked wrongly as to what its transcript was made with");
  coverage_.reached("modes/" + after.mode);
}

void LadderBooks::committed(const Commit& commit) {
  const Job& after = commit.change->after;
  const bool fills = commit.before != nullptr && filling_stage(*commit.before) != nullptr;  // the rest is kept
  if (commit.change->drop_segments && !fills) kept_less_.erase(after.id);
  const auto begins = [](const AuditEntry& entry) { return entry.type == "stage.started"; };
  if (std::ranges::any_of(commit.change->audit, begins)) {  // a power cut can have taken back the number's last use
    ran_out_.erase({after.id, after.fence});
    with_less_.erase({after.id, after.fence});
  }
  if (!commit.caller || commit.before == nullptr || current_stage(*commit.before) == nullptr) return;
  check_told(commit);
  remember_kept(commit);
  check_mode(commit);
  if (after.lease) return;
  if (ran_out_.erase({after.id, *commit.caller}) > 0) check_end(commit);
  with_less_.erase({after.id, *commit.caller});
}

}  // namespace holdfast::sim
