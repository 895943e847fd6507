#include "core/job/decide.hpp"

#include <algorithm>
#include <utility>

#include "core/job/change.hpp"
#include "core/job/legal.hpp"

namespace holdfast::decide {
namespace {

constexpr std::string_view kMaintenanceMessage = "System maintenance complete, processing your videos now";
constexpr std::string_view kTechnicalMessage =
    "Technical issue detected, your video will be processed shortly";

StageRecord& stage_of(Job& job) { return job.stages[job.stage]; }

void say_once(Job& job, std::string_view message) {
  if (job.messages.empty() || job.messages.back() != message) job.messages.emplace_back(message);
}

/// What was said holds no longer.
void take_back(Job& job, std::string_view message) { std::erase(job.messages, message); }

/// False: it has been said.
bool warn_once(StageRecord& stage, const std::string& warning) {
  if (std::ranges::find(stage.warnings, warning) != stage.warnings.end()) return false;
  stage.warnings.push_back(warning);
  return true;
}

void drop_lease(Job& job) { job.lease.reset(); }

void wait_until(Job& job, WallTime ready_at) {
  drop_lease(job);
  job.status = JobStatus::pending;
  job.ready_at = ready_at;
  stage_of(job).state = StageState::pending;
}

void end_as(Transition& change, JobStatus status, WallTime now) {
  Job& job = change.after;
  drop_lease(job);
  job.status = status;
  job.over_at = now;
  job.held_for.clear();
  take_back(job, kMaintenanceMessage);
  take_back(job, kTechnicalMessage);
  if (job.stage < job.stages.size() && stage_of(job).state == StageState::processing) {
    stage_of(job).state = StageState::failed;
    stage_of(job).finished_at = now;
  }
}

void complete(Transition& change, WallTime now) {
  Job& job = change.after;
  end_as(change, JobStatus::completed, now);
  job.cancel_requested = false;  // it came too late
  if (redo_start(job) < job.stages.size()) job.held_for = kHeldForRedo;
  note(change, "job.completed");
}

/// The gaps are not filled: what was completed stands as it was.
void leave_gaps(Transition& change, const std::string& why, WallTime now) {
  Job& job = change.after;
  note(change, "job.fill_given_up", why);
  for (StageRecord& stage : job.stages) {
    if (stage.state != StageState::completed) stage.finished_at = now;
    stage.state = StageState::completed;
    stage.fill.clear();
  }
  job.error.reset();
  job.stage = job.stages.size();
  complete(change, now);
}

void cancel_now(Transition& change, WallTime now) {
  if (filling_stage(change.after) != nullptr) return leave_gaps(change, "it was stopped", now);
  end_as(change, JobStatus::cancelled, now);
  note(change, "job.cancelled");
}

void dead_letter(Transition& change, const Failure& failure, WallTime now) {
  if (filling_stage(change.after) != nullptr) {
    say_once(change.after, "A part that is missing in the transcript could not be heard again. All else is as it was.");
    return leave_gaps(change, failure.code, now);
  }
  change.after.error = failure;
  end_as(change, JobStatus::failed, now);
  stage_of(change.after).state = StageState::failed;
  stage_of(change.after).finished_at = now;
  note(change, "job.dead", failure.code);
}

/// A worker death at the place where the last one happened adds up; at another place it starts anew.
void count_crash(StageRecord& stage) {
  stage.crashes = stage.position_ms == stage.crash_position_ms ? stage.crashes + 1 : 1;
  stage.crash_position_ms = stage.position_ms;
}

/// Whether it was ours that broke, not the file: its owner is told so.
bool is_technical(const Failure& failure, bool worker_died) {
  return worker_died || failure.code == "HF-ENG-07";  // a worker that could not be started
}

bool out_of_patience(const StageRecord& stage, bool worker_died, const RetryPolicy& policy) {
  return stage.attempts >= policy.attempts_max || (worker_died && stage.crashes >= policy.crashes_max);
}

void hold(Transition& change, const Failure& failure, WallTime now) {
  stage_of(change.after).attempts -= 1;  // waiting is not the file's fault
  wait_until(change.after, now);
  change.after.held_for = failure.code;
  note(change, "job.held", failure.code);
}

void retry_later(Transition& change, const Failure& failure, milliseconds wait, WallTime now) {
  change.after.retry_count += 1;
  wait_until(change.after, now + wait);
  note(change, "stage.failed", failure.code);
}

/// On to the next stage that is left to do: of those behind one that was added later some are completed.
void pass_completed(Job& job) {
  do {
    job.stage += 1;
  } while (job.stage < job.stages.size() && stage_of(job).state == StageState::completed);
}

/// What a stage that was not done in its own way makes of the job.
void go_down(Transition& change, StageOutcome outcome) {
  Job& job = change.after;
  stage_of(job).fallback = std::move(outcome.fallback);
  if (outcome.mode.empty() || outcome.mode == job.mode) return;
  job.mode = std::move(outcome.mode);
  const auto& fallback = stage_of(job).fallback;
  note(change, "job.downshifted", job.mode + (fallback ? ": " + fallback->cause : std::string{}));
}

/// What was heard of gaps takes its place in the transcript. Where it is text, what later stages made of the transcript
/// is made anew; where it is none, that stands. The stage's result is published once more in any case.
void take_filled(Transition& change, transcript::Filled filled) {
  Job& job = change.after;
  StageRecord& stage = stage_of(job);
  note(change, "job.gaps_filled",
       std::to_string(filled.filled) + " of " + std::to_string(stage.fill.size()) + ", " +
           std::to_string(filled.segments_gained) + " segments gained");
  stage.fill.clear();
  std::erase_if(stage.warnings, transcript::is_about_lack);
  change.drop_segments = true;
  change.segments = std::move(filled.whole.segments);
  change.gaps = std::move(filled.whole.gaps);
  change.drop_results_of.push_back(stage.name);
  if (filled.segments_gained == 0) return;
  for (std::size_t later = job.stage + 1; later < job.stages.size(); ++later) {
    start_anew(job.stages[later], false);
    change.drop_results_of.push_back(job.stages[later].name);
  }
  rise_if_full(job);
}

}  // namespace

Result<Transition> claim(const Job& job, const NodeId& node, milliseconds lease_for, WallTime now) {
  if (job.status != JobStatus::pending || !job.held_for.empty() || job.ready_at > now)
    return illegal(job, "claim");
  if (job.stage >= job.stages.size()) return illegal(job, "claim");
  Transition change = begin(job, now);
  Job& after = change.after;
  after.status = JobStatus::processing;
  after.fence += 1;
  after.lease = Lease{.node = node, .fence = after.fence, .until = now + lease_for};
  StageRecord& stage = stage_of(after);
  stage.state = StageState::processing;
  stage.attempts += 1;
  if (!stage.started_at) stage.started_at = now;
  stage.finished_at.reset();
  note(change, "stage.started");
  return change;
}

Result<Transition> succeed(const Job& job, StageOutcome outcome, WallTime now) {
  if (job.status != JobStatus::processing || outcome.goes_on_at_ms >= 0) return illegal(job, "completion");
  Transition change = begin(job, now);
  Job& after = change.after;
  StageRecord& stage = stage_of(after);
  if (!stage.fill.empty()) take_filled(change, std::move(outcome.filled));
  stage.state = StageState::completed;
  stage.finished_at = now;
  stage.output = std::move(outcome.output);
  for (const std::string& warning : outcome.warnings) warn_once(stage, warning);
  change.publish = std::move(outcome.publish);
  for (NamedResult& result : change.publish) result.stage = stage.name;
  if (outcome.duration_ms >= 0) after.duration_ms = outcome.duration_ms;
  after.error.reset();
  take_back(after, kTechnicalMessage);
  go_down(change, std::move(outcome));
  note(change, "stage.completed", stage.fallback ? stage.fallback->strategy : std::string{});

  pass_completed(after);
  if (after.stage == after.stages.size()) {
    complete(change, now);
  } else if (after.cancel_requested) {
    cancel_now(change, now);
  } else {
    wait_until(after, now);
  }
  return change;
}

Result<Transition> fail(const Job& job, const Failure& failure, bool worker_died, const RetryPolicy& policy,
                        std::uint64_t dice, WallTime now) {
  if (job.status != JobStatus::processing) return illegal(job, "failure");
  if (job.cancel_requested) return cancel(job, now);
  Transition change = begin(job, now);
  Job& after = change.after;
  StageRecord& stage = stage_of(after);
  after.error = failure;
  if (worker_died) count_crash(stage);

  switch (failure.cls) {
    case ErrorClass::dependency:
      hold(change, failure, now);
      return change;
    case ErrorClass::permanent:
    case ErrorClass::invalid:
    case ErrorClass::not_found:
    case ErrorClass::corrupt:
      dead_letter(change, failure, now);
      return change;
    case ErrorClass::interrupted:
    case ErrorClass::canceled:
      return interrupt(job, policy, now);
    case ErrorClass::transient:
    case ErrorClass::resource:
    case ErrorClass::overloaded:
    case ErrorClass::conflict:
    case ErrorClass::unknown:
      break;
  }
  if (out_of_patience(stage, worker_died, policy)) {
    const bool poison = worker_died && stage.crashes >= policy.crashes_max;
    dead_letter(change, poison ? Failure{ErrorClass::permanent, "HF-ENG-05", failure.message} : failure, now);
    return change;
  }
  if (is_technical(failure, worker_died)) say_once(after, kTechnicalMessage);
  retry_later(change, failure, backoff(policy.backoff, stage.attempts, dice), now);
  return change;
}

Result<Transition> interrupt(const Job& job, const RetryPolicy& policy, WallTime now) {
  if (job.status != JobStatus::processing) return illegal(job, "interruption");
  Transition change = begin(job, now);
  Job& after = change.after;
  StageRecord& stage = stage_of(after);
  stage.attempts -= 1;  // counted apart
  stage.interruptions += 1;
  if (after.cancel_requested) {
    cancel_now(change, now);
    return change;
  }
  if (stage.interruptions > policy.interruptions_max) {
    dead_letter(change, {ErrorClass::permanent, "HF-ENG-06", "the server ended under this item too often"},
                now);
    return change;
  }
  say_once(after, kMaintenanceMessage);
  wait_until(after, now);
  note(change, "stage.interrupted", "HF-SRV-03");
  return change;
}

Result<Transition> give_back(const Job& job, WallTime now) {
  if (job.status != JobStatus::processing) return illegal(job, "giving back");
  if (job.cancel_requested) return cancel(job, now);
  Transition change = begin(job, now);
  stage_of(change.after).attempts -= 1;
  say_once(change.after, kMaintenanceMessage);  // read after the restart that it is made for
  wait_until(change.after, now);
  note(change, "stage.interrupted", "HF-SRV-02");
  return change;
}

Result<Transition> checkpoint(const Job& job, Reached reached, WallTime now) {
  if (job.status != JobStatus::processing) return illegal(job, "a checkpoint");
  Transition change = begin(job, now);
  StageRecord& stage = stage_of(change.after);
  if (reached.position_ms < stage.position_ms) {
    return holdfast::fail(ErrorClass::conflict, "HF-ITM-03", "a checkpoint cannot go backwards");
  }
  if (reached.position_ms > stage.position_ms) stage.interruptions = 0;
  stage.position_ms = reached.position_ms;
  stage.with_less = stage.with_less || reached.with_less;
  if (!reached.output.empty()) stage.output = std::move(reached.output);
  if (!reached.warning.empty() && warn_once(stage, reached.warning)) note(change, "stage.warned", reached.warning);
  return change;
}

Result<Transition> release(const Job& job, std::string_view held_for, WallTime now) {
  const bool holds = job.status == JobStatus::pending && !job.held_for.empty() && job.held_for == held_for;
  if (!holds) return illegal(job, "release");
  Transition change = begin(job, now);
  note(change, "job.released", job.held_for);
  change.after.held_for.clear();
  change.after.error.reset();
  change.after.ready_at = now;
  return change;
}

Result<Transition> wait_anew(const Job& job, WallTime now) {
  if (job.status != JobStatus::pending || job.updated_at <= now) return illegal(job, "waiting anew");
  Transition change = begin(job, now);
  const auto wait = std::max(job.ready_at - job.updated_at, milliseconds{0});
  change.after.ready_at = now + wait;
  note(change, "job.rescheduled", "the calendar was set back");
  return change;
}

Result<Transition> request_cancel(const Job& job, WallTime now) {
  if (is_terminal(job.status)) return illegal(job, "cancelling");
  Transition change = begin(job, now);
  if (job.status == JobStatus::processing) {
    change.after.cancel_requested = true;
    note(change, "job.cancel_requested");
    return change;
  }
  cancel_now(change, now);
  return change;
}

Result<Transition> cancel(const Job& job, WallTime now) {
  if (job.status != JobStatus::processing || !job.cancel_requested) return illegal(job, "cancelling");
  Transition change = begin(job, now);
  cancel_now(change, now);
  return change;
}

namespace {

/// What the stages made goes. What a conversion left is a file of its own, which its output still names.
void forget_made(Transition& change) {
  for (StageRecord& stage : change.after.stages) {
    if (stage.kind != "convert") stage.output.clear();
    if (stage.fallback) stage.fallback->answered.clear();
    stage.position_ms = 0;
    stage.crash_position_ms = -1;
    change.drop_results_of.push_back(stage.name);
  }
  change.drop_segments = true;
}

}  // namespace

Result<Transition> discard(const Job& job, const std::string& who, const std::string& reason, WallTime now) {
  if (!job.discarded.empty()) return is_discarded();
  if (job.status != JobStatus::failed || reason.empty()) return illegal(job, "discarding");
  Transition change = begin(job, now);
  Job& after = change.after;
  after.discarded = reason;
  after.over_at = now;
  after.input.payload.clear();
  after.messages.push_back("Given up by the operator: " + reason);
  forget_made(change);
  for (StageRecord& stage : after.stages) stage.output.clear();
  note(change, "job.discarded", who + ": " + reason);
  return change;
}

namespace {

void take_file(Transition& change, const Expiry& what, WallTime now) {
  change.after.file_expired_at = now;
  change.after.input.payload.clear();
  change.after.messages.push_back("The file was deleted, " + what.rule + ".");
  note(change, "job.file_expired", what.rule);
}

void take_results(Transition& change, const Expiry& what, WallTime now) {
  change.after.results_expired_at = now;
  change.after.messages.push_back("The transcript and what was made of it were deleted, " + what.rule + ".");
  forget_made(change);
  for (StageRecord& stage : change.after.stages) stage.warnings.clear();  // they may say what was said
  note(change, "job.results_expired", what.rule);
}

}  // namespace

Result<Transition> expire(const Job& job, const Expiry& what, WallTime now) {
  if (!job.discarded.empty()) return is_discarded();
  const bool there = (what.file && keeps_file(job)) || (what.results && keeps_results(job));
  if (!is_terminal(job.status) || !there) return illegal(job, "deleting what is no longer kept");
  Transition change = begin(job, now);
  if (what.file && keeps_file(job)) take_file(change, what, now);
  if (what.results && keeps_results(job)) take_results(change, what, now);
  change.after.held_for.clear();  // it cannot be done again
  return change;
}

Result<Transition> remove(const Job& job, const std::string& rule, WallTime now) {
  if (!may_be_removed(job)) return illegal(job, "removing it");
  Transition change = begin(job, now);
  note(change, "job.removed", rule);
  return change;
}

namespace {

std::unexpected<Error> not_by_hand(std::string why) {
  return holdfast::fail(ErrorClass::invalid, "HF-ITM-08", std::move(why));
}

bool has_result(const ByHand& made, const std::string& stage) {
  return std::ranges::find(made.results, stage, &NamedResult::stage) != made.results.end();
}

Result<void> check_by_hand(const Job& job, const ByHand& made) {
  if (made.results.empty()) return not_by_hand("there is no result");
  for (const NamedResult& result : made.results) {
    const auto stage = std::ranges::find(job.stages, result.stage, &StageRecord::name);
    if (stage == job.stages.end() || stage->state == StageState::completed)
      return not_by_hand("'" + result.name + "' is no result of a stage that is left to do");
  }
  for (const StageRecord& stage : job.stages) {
    const bool left = stage.state != StageState::completed && stage.kind == "transcribe";
    if (left && !has_result(made, stage.name)) return not_by_hand("the transcript is missing");
  }
  return {};
}

}  // namespace

Result<Transition> complete_by_hand(const Job& job, const ByHand& made, WallTime now) {
  if (!job.discarded.empty()) return is_discarded();
  if (job.status != JobStatus::failed) return illegal(job, "a result by hand");
  HF_TRY_VOID(check_by_hand(job, made));
  Transition change = begin(job, now);
  Job& after = change.after;
  after.error.reset();
  note(change, "job.entered_by_hand", made.who);
  for (; after.stage < after.stages.size(); ++after.stage) {
    StageRecord& stage = stage_of(after);
    if (stage.state == StageState::completed) continue;
    const bool given = has_result(made, stage.name);
    stage.state = StageState::completed;
    stage.finished_at = now;
    stage.output.clear();  // what it had kept to go on with
    stage.warnings.emplace_back(given ? "entered by hand" : "left out: the item was completed by hand");
    if (stage.kind == "transcribe") change.drop_segments = true;
    note(change, "stage.completed", "by hand");
  }
  change.publish = made.results;
  if (change.drop_segments) change.segments = made.segments;
  end_as(change, JobStatus::completed, now);
  note(change, "job.completed", "by hand");
  return change;
}

}  // namespace holdfast::decide
