#include <algorithm>

#include "core/job/attach.hpp"
#include "core/job/change.hpp"
#include "core/job/decide.hpp"

namespace holdfast::decide {
namespace {

/// Where a retry starts: the named stage, or the first one that is not completed, or the first that is not
/// the upload.
std::size_t retry_start(const Job& job, const std::string& from_stage) {
  const auto& stages = job.stages;
  if (!from_stage.empty()) {
    const auto named = std::ranges::find(stages, from_stage, &StageRecord::name);
    return static_cast<std::size_t>(named - stages.begin());
  }
  const auto unfinished =
      std::ranges::find_if(stages, [](const auto& s) { return s.state != StageState::completed; });
  return unfinished != stages.end() ? static_cast<std::size_t>(unfinished - stages.begin()) : 1;
}

/// What a retry from there needs must not have been taken by retention.
Result<void> check_kept(const Job& job, std::size_t start) {
  if (job.file_expired_at && needs_file_from(job, start))
    return holdfast::fail(ErrorClass::conflict, "HF-ITM-10", "the file was deleted when its time was over");
  if (job.results_expired_at && needs_results_from(job, start))
    return holdfast::fail(ErrorClass::conflict, "HF-ITM-10", "the transcript was deleted when its time was over");
  return {};
}

/// Due now, and nothing else.
Transition hurry(const Job& job, WallTime now) {
  Transition change = begin(job, now);
  wait_at(change.after, job.stage, now);
  note(change, "job.retry_requested");
  return change;
}

/// "2 gaps, 31.4 s"
std::string asked_for(const std::vector<speech::Region>& gaps) {
  const std::int64_t tenths = speech::total_ms(gaps) / 100;
  return std::to_string(gaps.size()) + (gaps.size() == 1 ? " gap, " : " gaps, ") + std::to_string(tenths / 10) + '.' +
         std::to_string(tenths % 10) + " s";
}

Result<void> check_fillable(const Job& job, std::size_t transcribes, bool has_gaps) {
  if (!job.discarded.empty()) return is_discarded();
  if (job.status != JobStatus::completed) return illegal(job, "filling gaps");
  if (job.file_expired_at || job.results_expired_at)
    return holdfast::fail(ErrorClass::conflict, "HF-ITM-10", "the recording or its transcript was deleted");
  if (transcribes == job.stages.size() || !has_gaps)
    return holdfast::fail(ErrorClass::conflict, "HF-GAP-01", "the transcript has no such gap");
  return {};
}

/// What was made by these goes, and they are done from here.
void begin_again(Transition& change, std::size_t first_anew, bool keep_checkpoint) {
  Job& after = change.after;
  for (std::size_t i = first_anew; i < after.stages.size(); ++i) {
    start_anew(after.stages[i], keep_checkpoint && i == first_anew);
    change.drop_results_of.push_back(after.stages[i].name);
    const bool transcribes = after.stages[i].kind == "transcribe" && after.stages[i].position_ms == 0;
    change.drop_segments = change.drop_segments || transcribes;
  }
}

/// What a completed job made is there, but not what it was made of on the way: who transcribes again converts again.
std::size_t with_its_sound(const std::vector<StageRecord>& stages, std::size_t start) {
  if (start >= stages.size() || stages[start].kind != "transcribe") return start;
  const auto convert = std::ranges::find(stages, "convert", &StageRecord::kind);
  return std::min(start, static_cast<std::size_t>(convert - stages.begin()));
}

/// The stages of the plan, as the job has them already or new. Errors: conflict HF-ITM-11.
Result<std::vector<StageRecord>> joined(const std::vector<StageRecord>& stages, const std::vector<StageRecord>& plan) {
  std::vector<StageRecord> all;
  std::size_t known = 0;
  for (const StageRecord& planned : plan) {
    const auto own = std::ranges::find(stages, planned.name, &StageRecord::name);
    known += own != stages.end() ? 1 : 0;
    all.push_back(own != stages.end() ? *own : planned);
  }
  if (known == stages.size()) return all;
  return holdfast::fail(ErrorClass::conflict, "HF-ITM-11", "its recipe has other stages by now");
}

}  // namespace

Result<Transition> retry(const Job& job, const std::string& from_stage, WallTime now) {
  if (job.status == JobStatus::processing) return illegal(job, "retrying");
  if (!job.discarded.empty()) return is_discarded();
  if (filling_stage(job) != nullptr && from_stage.empty()) return hurry(job, now);
  const std::size_t start = retry_start(job, from_stage);
  if (start == 0 || start >= job.stages.size()) {
    return holdfast::fail(ErrorClass::invalid, "HF-ITM-04", "there is no stage of that name to retry from");
  }
  HF_TRY_VOID(check_kept(job, start));
  const bool goes_on = from_stage.empty() && job.stages[start].state != StageState::completed;
  if (job.status == JobStatus::pending && start > job.stage)
    return illegal(job, "retrying from a later stage");

  Transition change = begin(job, now);
  Job& after = change.after;
  begin_again(change, start, goes_on);
  rise_if_full(after);
  wait_at(after, start, now);
  note(change, "job.retry_requested");
  return change;
}

Result<Transition> fill_gaps(const Job& job, std::vector<speech::Region> gaps, WallTime now) {
  const auto stage = std::ranges::find(job.stages, "transcribe", &StageRecord::kind);
  const auto transcribes = static_cast<std::size_t>(stage - job.stages.begin());
  HF_TRY_VOID(check_fillable(job, transcribes, !gaps.empty()));
  Transition change = begin(job, now);
  Job& after = change.after;
  const std::size_t start = with_its_sound(job.stages, transcribes);
  const std::string detail = asked_for(gaps);
  StageRecord& transcribed = after.stages[transcribes];
  auto made_by = std::move(transcribed.fallback);  // holds for what is kept, whatever becomes of the gaps
  for (std::size_t i = start; i <= transcribes; ++i) start_anew(after.stages[i], i == transcribes);
  transcribed.with_less = transcribed.with_less || (made_by && made_by->strategy == kSmallerModel);
  transcribed.fallback = std::move(made_by);
  transcribed.fill = std::move(gaps);
  wait_at(after, start, now);
  note(change, "job.fill_requested", detail);
  return change;
}

Result<Transition> answered(const Job& job, const std::string& detail, WallTime now) {
  if (!job.discarded.empty()) return is_discarded();
  if (!is_terminal(job.status) || !attach::is_own_key(job.job_key)) return illegal(job, "giving up its key");
  Transition change = begin(job, now);
  change.after.job_key.clear();
  note(change, "job.answered", detail);
  return change;
}

Result<Transition> redo(const Job& job, WallTime now) {
  const std::size_t start = redo_start(job);
  if (job.status != JobStatus::completed || job.held_for != kHeldForRedo || start >= job.stages.size())
    return illegal(job, "doing it again");
  HF_TRY(Transition change, retry(job, job.stages[with_its_sound(job.stages, start)].name, now));
  change.after.stages[start].redos += 1;
  change.audit.back().type = "job.redo";
  return change;
}

Result<Transition> redo_in(const Job& job, const Fuller& wanted, WallTime now) {
  if (!job.discarded.empty()) return is_discarded();
  if (job.status != JobStatus::completed) return illegal(job, "doing it in another mode");
  Transition change = begin(job, now);
  Job& after = change.after;
  HF_TRY(after.stages, joined(job.stages, wanted.plan));
  const auto is_anew = [&](const StageRecord& stage) {
    return is_lesser(stage) || std::ranges::find(wanted.anew, stage.name) != wanted.anew.end();
  };
  const auto first = [&](const auto& which) {
    return static_cast<std::size_t>(std::ranges::find_if(after.stages, which) - after.stages.begin());
  };
  const std::size_t missing = first([](const StageRecord& stage) { return stage.state != StageState::completed; });
  std::size_t anew = with_its_sound(after.stages, first(is_anew));
  if (const std::size_t sound = with_its_sound(after.stages, missing); sound < missing) anew = std::min(anew, sound);
  const std::size_t start = std::min(anew, missing);
  if (start >= after.stages.size())
    return holdfast::fail(ErrorClass::conflict, "HF-ITM-11", "all of it was done in that mode");
  HF_TRY_VOID(check_kept(after, start));
  begin_again(change, anew, false);
  after.requested_mode = after.mode = wanted.mode;
  wait_at(after, start, now);
  note(change, "job.redo", wanted.mode);
  return change;
}

}  // namespace holdfast::decide
