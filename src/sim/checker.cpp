#include "sim/checker.hpp"

#include <boost/json.hpp>
#include <cmath>
#include <limits>

#include "sim/sim_workers.hpp"

namespace holdfast::sim {
namespace {

std::vector<std::int64_t> starts_of(const std::vector<Gap>& gaps) {
  std::vector<std::int64_t> starts;
  for (const Gap& gap : gaps) starts.push_back(gap.start_ms);
  return starts;
}

/// Where the gaps begin that a published transcript tells of, in milliseconds.
std::vector<std::int64_t> published_gaps(const std::vector<StoredResult>& results) {
  std::vector<std::int64_t> starts;
  const auto transcript = std::ranges::find(results, "transcript", &StoredResult::name);
  if (transcript == results.end()) return starts;
  for (const auto& gap : boost::json::parse(transcript->json).at("gaps").as_array())
    starts.push_back(std::llround(gap.at("start_s").to_number<double>() * 1000));
  return starts;
}

/// Somebody wants it done again: what was counted and asked for before is over.
bool begins_anew(const AuditEntry& entry) {
  return entry.type == "job.retry_requested" || entry.type == "job.fill_requested" || entry.type == "job.redo";
}

}  // namespace

void Checker::violation(const std::string& what) {
  constexpr std::size_t kMax = 20;  // the first ones tell the story
  if (violations_.size() < kMax) violations_.push_back(what);
}

void Checker::committed(const Commit& commit) {
  check_caller(commit);
  check_claim(commit);
  check_cancel(commit);
  check_death(commit);
  check_results(commit);
  check_cause(commit);
  check_retention(commit);
  const StageRecord* stage = current_stage(commit.change->after);
  if (stage != nullptr && stage->attempts > policy_.attempts_max) {
    violation(commit.change->after.id.text() + ": more attempts than the policy allows");
  }
}

/// Only the holder of the newest lease may write in its name.
void Checker::check_caller(const Commit& commit) {
  if (!commit.caller || commit.before == nullptr) return;
  if (*commit.caller != newest_fence_[commit.before->id] || commit.before->status != JobStatus::processing) {
    violation(commit.before->id.text() + ": a write with a stale fencing token was accepted");
  }
}

void Checker::check_claim(const Commit& commit) {
  const Job& after = commit.change->after;
  if (commit.before == nullptr || commit.before->status == after.status ||
      after.status != JobStatus::processing)
    return;
  if (!commit.before->held_for.empty())
    violation(after.id.text() + ": claimed while held for " + commit.before->held_for);
  if (after.fence <= newest_fence_[after.id])
    violation(after.id.text() + ": a lease without a new fencing token");
  newest_fence_[after.id] = after.fence;
  if (const StageRecord* stage = current_stage(*commit.before); stage->state == StageState::completed)
    violation(after.id.text() + ": " + stage->name + " is done again, though it was finished");
}

/// Who was told that a job would be cancelled does not see it worked on again, unless somebody retries it.
void Checker::check_cancel(const Commit& commit) {
  const ItemId& id = commit.change->after.id;
  for (const AuditEntry& entry : commit.change->audit) {
    if (entry.type == "job.cancel_requested") to_cancel_.insert(id);
    if (begins_anew(entry)) to_cancel_.erase(id);
    if (entry.type == "stage.started" && to_cancel_.contains(id))
      violation(id.text() + ": was to be cancelled and is worked on");
  }
}

/// Deaths at one place in a row, as we counted them: the job must be set aside when the policy says so.
void Checker::check_death(const Commit& commit) {
  const bool anew = std::ranges::any_of(commit.change->audit, &begins_anew);
  if (anew)
    std::erase_if(crash_row_, [&](const auto& row) { return row.first.first == commit.change->after.id; });
  if (!commit.caller || commit.before == nullptr) return;
  const auto death = deaths_.find({commit.before->id, *commit.caller});
  if (death == deaths_.end() || commit.change->after.lease) return;
  auto& [place, row] = crash_row_[{commit.before->id, commit.before->stage}];
  row = row > 0 && place == death->second ? row + 1 : 1;
  place = death->second;
  deaths_.erase(death);
  const bool set_aside = is_terminal(commit.change->after.status);
  if (row >= policy_.crashes_max && !set_aside) {
    violation(commit.before->id.text() + ": killed its worker " + std::to_string(row) +
              " times at one place and goes on");
  }
  if (set_aside) row = 0;
}

/// A store that is away or full is not the file's fault: no job may end by it.
void Checker::check_cause(const Commit& commit) {
  const Job& after = commit.change->after;
  if (after.status != JobStatus::failed || !after.error || !after.error->code.starts_with("HF-STO")) return;
  violation(after.id.text() + ": set aside for a trouble of the store: " + after.error->code);
}

void Checker::check_taken(const Commit& commit, const AuditEntry& entry, const retention::Age& age) {
  const Job& before = *commit.before;
  const auto since = over_since_.find(before.id);
  if (!is_terminal(before.status) || since == over_since_.end()) {
    violation(before.id.text() + ": " + entry.type + " while it is " + std::string{to_word(before.status)});
  } else if (!age || commit.change->after.updated_at < since->second + *age) {
    violation(before.id.text() + ": " + entry.type + " before its time");
  }
}

/// Nothing of a job in work is ever taken, and of what is over nothing before its time.
void Checker::check_retention(const Commit& commit) {
  const Job& after = commit.change->after;
  if (!is_terminal(after.status)) over_since_.erase(after.id);
  for (const AuditEntry& entry : commit.change->audit) {
    const bool dead = commit.before != nullptr && commit.before->status == JobStatus::failed;
    if (entry.type == "job.file_expired") check_taken(commit, entry, dead ? ages_.dead_letters : ages_.files);
    if (entry.type == "job.results_expired") check_taken(commit, entry, dead ? ages_.dead_letters : ages_.transcripts);
    if (entry.type == "job.removed") check_taken(commit, entry, ages_.items);
    if (entry.type == "job.removed") removed_.insert(after.id);
    const bool ends = entry.type == "job.discarded" || (is_terminal(after.status) && !over_since_.contains(after.id));
    if (ends) over_since_[after.id] = after.updated_at;
  }
}

/// A result appears once, until a retry takes it back.
void Checker::check_results(const Commit& commit) {
  auto& names = published_[commit.change->after.id];
  for (const std::string& stage : commit.change->drop_results_of) {
    std::erase_if(names, [&](const std::string& name) { return name.starts_with(stage + '/'); });
  }
  for (const NamedResult& result : commit.change->publish) {
    if (!names.insert(result.stage + '/' + result.name).second) {
      violation(commit.change->after.id.text() + ": result " + result.name + " was published twice");
    }
  }
}

void Checker::acknowledged(const ItemId& item, const std::string& owner, const std::string& key,
                           const std::string& sha256) {
  acknowledged_.try_emplace(item, Acknowledged{sha256});
  const auto [known, fresh] = keys_.try_emplace({owner, key}, item);
  if (!fresh && removed_.contains(known->second)) known->second = item;  // sent again after it was removed
  if (known->second != item) violation(item.text() + ": the same job_id was given two items");
}

void Checker::delivered(std::uint64_t seq, const ItemId& item, const std::string& type) {
  // Delivered again is allowed; a first delivery must not overtake an earlier event of the same job.
  const std::pair event{item, type};
  if (const auto [known, fresh] = delivered_.try_emplace(seq, event); !fresh) {
    if (known->second != event) violation("event " + std::to_string(seq) + " is two events");
    return;
  }
  auto& last = last_delivered_[item];
  if (seq < last) violation(item.text() + ": events out of order");
  last = std::max(last, seq);
}

void Checker::went_back(const Job& job, const Books& books) {
  over_since_.erase(job.id);
  if (job.over_at) over_since_[job.id] = *job.over_at;
  newest_fence_[job.id] = job.fence;
  std::erase_if(deaths_, [&](const auto& death) {
    return death.first.first == job.id && death.first.second > job.fence;
  });
  std::erase_if(crash_row_, [&](const auto& row) { return row.first.first == job.id; });
  auto& names = published_[job.id];
  names.clear();
  for (const StoredResult& result : books.results(job.id)) names.insert(result.stage + '/' + result.name);
}

void Checker::speech_began(int node) {
  if (++speaking_[node] > speech_slots_) violation("LAB_6: more than one transcription at a time on a node");
}

void Checker::check_acknowledged(const Books& books, const Shelf& shelf, const std::map<ItemId, BlobId>& spooled) {
  for (const auto& [item, promise] : acknowledged_) {
    const auto job = books.jobs().find(item);
    const auto waiting = spooled.find(item);
    if (job == books.jobs().end() && waiting != spooled.end()) {
      if (!shelf.blobs.contains(waiting->second)) violation(item.text() + ": in the spool, and its bytes are gone");
      continue;
    }
    if (job == books.jobs().end()) {
      check_gone(item, books);
      continue;
    }
    if (!keeps_file(job->second)) continue;  // given up or taken by rule: check_end asks its trail
    const auto blob = shelf.blobs.find(job->second.input.blob);
    if (blob == shelf.blobs.end() || blob->second.sha256 != promise.sha256) {
      violation(item.text() + ": acknowledged, and its bytes are gone or changed");
    }
  }
}

/// What was acknowledged is there, or was removed by rule, and then its trail tells so.
void Checker::check_gone(const ItemId& item, const Books& books) {
  const auto trail = books.audit(item);
  if (!removed_.contains(item)) return violation(item.text() + ": acknowledged, and not in the store");
  if (trail.empty() || trail.back().entry.type != "job.removed" || trail.back().entry.detail.empty())
    violation(item.text() + ": acknowledged and removed, and nothing tells when and why");
}

/// Of what is there, and of what was removed.
std::map<std::uint64_t, std::pair<ItemId, std::string>> Checker::stored_events(const Books& books) const {
  std::set<ItemId> items{removed_};
  for (const auto& [id, job] : books.jobs()) items.insert(id);
  std::map<std::uint64_t, std::pair<ItemId, std::string>> stored;
  for (const ItemId& id : items) {
    for (const StoredEvent& event : books.audit(id)) stored[event.seq] = {id, event.entry.type};
  }
  return stored;
}

bool Checker::all_delivered(const Books& books) const {
  const auto stored = stored_events(books);
  return std::ranges::all_of(stored, [this](const auto& event) { return delivered_.contains(event.first); });
}

void Checker::check_delivered(const Books& books) {
  const auto stored = stored_events(books);
  for (const auto& [seq, event] : delivered_) {
    const auto found = stored.find(seq);
    if (found == stored.end() || found->second != event)
      violation(event.first.text() + ": event " + std::to_string(seq) + " was delivered, and is not stored");
  }
}

bool Checker::same_text(const std::vector<Segment>& one, const std::vector<Segment>& other) {
  return std::ranges::equal(one, other, [](const Segment& a, const Segment& b) {
    return a.start_ms == b.start_ms && a.end_ms == b.end_ms && a.text == b.text;
  });
}

/// Text in the place of gaps is that of the gap, and stands there once; all else is as expected up to the position.
bool Checker::is_transcript_of(const Books& books, const Job& job, std::int64_t position_ms) {
  const Nature nature = nature_of(job.input.name);
  auto expected = expected_segments(nature);
  std::erase_if(expected, [&](const Segment& segment) { return segment.start_ms >= position_ms; });
  auto gaps = expected_gaps(nature);
  std::erase_if(gaps, [&](const Gap& gap) { return gap.start_ms >= position_ms; });
  for (const Segment& segment : books.segments(job.id)) {
    const auto gap = std::ranges::find(gaps, segment.start_ms, &Gap::start_ms);
    if (!is_fill(segment)) continue;
    if (gap == gaps.end() || !same_text({segment}, {filled_text(*gap)})) return false;
    expected.push_back(segment);
    gaps.erase(gap);
  }
  std::ranges::sort(expected, {}, &Segment::start_ms);
  return same_text(expected, books.segments(job.id)) && starts_of(gaps) == starts_of(books.gaps(job.id));
}

void Checker::check_checkpoints(const Books& books) {
  for (const auto& [id, job] : books.jobs()) {
    const auto stage = std::ranges::find(job.stages, "transcribe", &StageRecord::kind);
    if (stage == job.stages.end()) continue;
    if (!is_transcript_of(books, job, stage->position_ms))
      violation(id.text() + ": its segments and gaps are not those up to its checkpoint");
  }
}

void Checker::check_completed(const Books& books, const Job& job) {
  const bool same = is_transcript_of(books, job, std::numeric_limits<std::int64_t>::max()) &&
                    starts_of(books.gaps(job.id)) == published_gaps(books.results(job.id));
  if (!same)
    violation(job.id.text() + ": completed with a transcript that an uninterrupted run does not give");
}

/// What was sent once is there once, however often it was sent again, spooled and flushed.
void Checker::check_once(const Books& books) {
  std::map<std::pair<std::string, std::string>, ItemId> known;
  for (const auto& [id, job] : books.jobs()) {
    const auto [first, fresh] = known.try_emplace({job.owner, job.fingerprint}, id);
    if (!fresh) violation(id.text() + ": the same as " + first->second.text() + ", and was sent once");
  }
}

void Checker::check_end(const Books& books) {
  check_once(books);
  for (const auto& [id, job] : books.jobs()) {
    if (!is_terminal(job.status))
      violation(id.text() + ": still " + std::string{to_word(job.status)} + " after all faults ended");
    if (job.status == JobStatus::completed && keeps_results(job)) check_completed(books, job);
    std::vector<invariant::ResultName> names;
    for (const StoredResult& result : books.results(id)) names.push_back({result.stage, result.name});
    const auto trail = books.audit(id);
    const auto segments = books.segments(id);
    const auto gaps = books.gaps(id);
    for (const std::string& what : invariant::broken({job, trail, segments, gaps, names}))
      violation(id.text() + ": " + what);
  }
  for (const auto& [seq, event] : stored_events(books)) {
    if (!delivered_.contains(seq))
      violation(event.first.text() + ": event " + std::to_string(seq) + " was never delivered");
  }
}

}  // namespace holdfast::sim
