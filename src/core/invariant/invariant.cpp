#include "core/invariant/invariant.hpp"

#include <algorithm>
#include <set>

#include "core/job/legal.hpp"

namespace holdfast::invariant {
namespace {

using Broken = std::vector<std::string>;

std::size_t count_of(const std::vector<StoredEvent>& trail, std::string_view type) {
  return static_cast<std::size_t>(
      std::ranges::count_if(trail, [&](const StoredEvent& event) { return event.entry.type == type; }));
}

/// The audit trail must explain the state: it begins with the job's creation, grows in order, and ends as the
/// job stands.
void check_trail(const Evidence& e, Broken* out) {
  if (e.trail.empty() || e.trail.front().entry.type != "job.created") {
    out->push_back("the audit trail does not begin with job.created");
    return;
  }
  if (!std::ranges::is_sorted(e.trail, {}, &StoredEvent::seq))
    out->push_back("the audit trail is out of order");
  if (e.trail.back().status != e.job.status)
    out->push_back("the audit trail ends in another status than the job has");
  if (count_of(e.trail, "job.created") != 1) out->push_back("the job was created more than once");
  if (count_of(e.trail, "stage.started") != e.job.fence)
    out->push_back("leases and audited starts differ in number");
}

void check_fences(const Evidence& e, Broken* out) {
  Fence last = 0;
  for (const StoredEvent& event : e.trail) {
    if (event.entry.fence < last) out->push_back("a fencing token went backwards");
    last = std::max(last, event.entry.fence);
  }
  if (last > e.job.fence) out->push_back("the audit trail knows a newer fencing token than the job");
}

void check_stages(const Evidence& e, Broken* out) {
  const Job& job = e.job;
  for (std::size_t i = 0; i < job.stages.size(); ++i) {
    const bool done = job.stages[i].state == StageState::completed;
    if (i < job.stage && !done)
      out->push_back("stage " + job.stages[i].name + " was passed but is not completed");
    if (i > job.stage && job.stages[i].state == StageState::processing) {
      out->push_back("stage " + job.stages[i].name + " is being worked on before its turn");
    }
  }
}

void check_segments(const Evidence& e, Broken* out) {
  std::int64_t last = 0;
  for (const Segment& segment : e.segments) {
    if (segment.end_ms < segment.start_ms || segment.start_ms < last) {
      out->push_back("transcript segments are out of order or overlap");
      return;
    }
    last = segment.start_ms;
  }
}

/// How far the recording is transcribed and stored.
std::int64_t position_of(const Job& job) {
  std::int64_t position_ms = 0;
  for (const StageRecord& stage : job.stages) {
    if (stage.kind == "transcribe") position_ms = std::max(position_ms, stage.position_ms);
  }
  return position_ms;
}

void check_gaps(const Evidence& e, Broken* out) {
  std::int64_t last = 0;
  for (const Gap& gap : e.gaps) {
    if (gap.end_ms < gap.start_ms || gap.start_ms < last) {
      out->push_back("gaps of the transcript are out of order or overlap");
      return;
    }
    last = gap.end_ms;
  }
  if (last > position_of(e.job)) out->push_back("a gap of the transcript reaches beyond its checkpoint");
}

/// Whether a stage stands with what it made: it is completed, or hears gaps of it again.
bool is_completed(const Job& job, const std::string& stage) {
  const auto found = std::ranges::find(job.stages, stage, &StageRecord::name);
  return found != job.stages.end() && (found->state == StageState::completed || !found->fill.empty());
}

void check_results(const Evidence& e, Broken* out) {
  const std::set<ResultName> names{e.results.begin(), e.results.end()};
  if (names.size() != e.results.size()) out->push_back("a result was published twice");
  for (const ResultName& result : names) {
    if (!is_completed(e.job, result.stage)) {
      out->push_back("there is a result " + result.name + " of stage " + result.stage + ", which is not completed");
    }
  }
  const bool transcribes = std::ranges::count(e.job.stages, "transcribe", &StageRecord::kind) > 0;
  const bool transcribed = std::ranges::count(names, "transcript", &ResultName::name) > 0;
  if (e.job.status == JobStatus::completed && transcribes && !transcribed && keeps_results(e.job)) {
    out->push_back("the job is completed without a transcript");
  }
}

/// What was taken out of a transcript is part of a published result, and says where it was said.
void check_extractions(const Evidence& e, Broken* out) {
  for (const StoredExtraction& stored : e.extractions) {
    const Extraction& made = stored.made;
    if (std::ranges::find(e.results, stored.stage, &ResultName::stage) == e.results.end())
      out->push_back("there is an extraction of stage " + stored.stage + ", which published nothing");
    const bool ordered = std::ranges::adjacent_find(made.segments, std::greater_equal{}) == made.segments.end();
    if (!ordered || (!made.segments.empty() && made.segments.back() >= e.segments.size()))
      out->push_back("an extraction of stage " + stored.stage + " names segments that are not there");
    if (made.text.empty() || !(made.confidence >= 0 && made.confidence <= 1))
      out->push_back("an extraction of stage " + stored.stage + " says nothing, or with no confidence that can be");
  }
}

/// The last word of the trail of a job that is over.
std::string_view last_word(const Job& job) {
  if (!job.discarded.empty()) return "job.discarded";
  switch (job.status) {
    case JobStatus::completed: return "job.completed";
    case JobStatus::failed: return "job.dead";
    case JobStatus::cancelled: return "job.cancelled";
    case JobStatus::pending:
    case JobStatus::processing: return "";
  }
  return "";
}

/// What is said of a job that was over before and stays so.
bool is_afterwards(const StoredEvent& event) {
  const std::string& type = event.entry.type;
  return type == "job.file_expired" || type == "job.results_expired" || type == "job.answered";
}

/// What is over, and each stage that is completed, must have been said so in the trail.
void check_words(const Evidence& e, Broken* out) {
  const std::string_view last = last_word(e.job);
  const auto end = std::ranges::find_if_not(e.trail.rbegin(), e.trail.rend(), is_afterwards);
  if (!last.empty() && (end == e.trail.rend() || end->entry.type != last)) {
    out->push_back("the job is over, and its audit trail does not end in " + std::string{last});
  }
  for (std::size_t i = 1; i < e.job.stages.size(); ++i) {
    const StageRecord& stage = e.job.stages[i];
    if (stage.state != StageState::completed) continue;
    const bool said = std::ranges::any_of(e.trail, [&](const StoredEvent& event) {
      return event.entry.type == "stage.completed" && event.entry.stage == stage.name;
    });
    if (!said) out->push_back("stage " + stage.name + " is completed, and no audit row says so");
  }
}

/// What was given up keeps nothing that its stages made.
void check_discarded(const Evidence& e, Broken* out) {
  if (e.job.discarded.empty()) return;
  const bool kept = !e.segments.empty() || !e.gaps.empty() || !e.results.empty() || !e.extractions.empty() ||
                    !e.job.input.payload.empty();
  if (kept) out->push_back("the job was discarded, and something that was made of it is still there");
}

/// What retention took is not there, and the trail tells when and why.
void check_expired(const Evidence& e, Broken* out) {
  const bool file_said = count_of(e.trail, "job.file_expired") > 0;
  if (e.job.file_expired_at.has_value() != file_said)
    out->push_back("the job's file is no longer kept, and its audit trail does not say so, or the other way round");
  bool results_said = false;
  for (const StoredEvent& event : e.trail) {
    if (event.entry.type == "job.results_expired") results_said = true;
    if (event.entry.type == "job.retry_requested" || event.entry.type == "job.redo") results_said = false;
  }
  if (e.job.results_expired_at.has_value() != results_said)
    out->push_back("the job's results are no longer kept, and its audit trail does not say so, or the other way round");
  if (e.job.results_expired_at && (!e.segments.empty() || !e.gaps.empty() || !e.results.empty()))
    out->push_back("the job's results are no longer kept, and some of them are still there");
}

void check_failure(const Evidence& e, Broken* out) {
  if (e.job.status == JobStatus::failed && !e.job.error) out->push_back("the job failed without a cause");
  if (e.job.status == JobStatus::completed && e.job.error)
    out->push_back("the job is completed and has an error");
}

}  // namespace

std::vector<std::string> broken(const Evidence& evidence) {
  Broken out;
  if (!is_sound(evidence.job)) out.push_back("the job contradicts itself (lease, stage, hold or status)");
  check_trail(evidence, &out);
  check_fences(evidence, &out);
  check_stages(evidence, &out);
  check_segments(evidence, &out);
  check_gaps(evidence, &out);
  check_results(evidence, &out);
  check_extractions(evidence, &out);
  check_failure(evidence, &out);
  check_discarded(evidence, &out);
  check_expired(evidence, &out);
  check_words(evidence, &out);
  return out;
}

}  // namespace holdfast::invariant
