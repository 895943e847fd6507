#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/job/policy.hpp"
#include "core/job/transition.hpp"
#include "core/transcript/fill.hpp"

/// The state machine of a job: one function for each thing that can happen. Each takes the job as it is and
/// returns what the change writes, or `conflict` when it may not happen in this state. The store applies the
/// result in one transaction.
namespace holdfast::decide {

/// pending, due, not held -> processing. Gives a lease with the next fence. The attempt counts from here.
Result<Transition> claim(const Job& job, const NodeId& node, milliseconds lease_for, WallTime now);

/// What a finished stage leaves behind.
struct StageOutcome {
  std::string output;  ///< JSON text for later stages
  std::vector<std::string> warnings;  ///< besides those of its checkpoints
  std::vector<NamedResult> publish;
  std::int64_t duration_ms = -1;  ///< of the recording, when this stage learned it
  /// Where >= 0 the stage is not over: it has done everything up to here and goes on from what is in `output`.
  std::int64_t goes_on_at_ms = -1;
  std::optional<Fallback> fallback{};  ///< where the stage's own way had failed
  std::string mode{};                  ///< in which the job goes on; empty: as before
  transcript::Filled filled{};         ///< of a stage that was to fill gaps: its transcript as it is now
};

/// processing -> pending at the next stage, completed after the last, or cancelled where that was asked for
/// meanwhile and there is something left to do.
Result<Transition> succeed(const Job& job, StageOutcome outcome, WallTime now);

/// processing -> pending (retry or hold) or failed, as the failure's class says (docs/failure-classes.md).
/// `worker_died`: the worker crashed or hung, so that the place counts (crashes_max). `dice`: 64 bits for the
/// jitter.
Result<Transition> fail(const Job& job, const Failure& failure, bool worker_died, const RetryPolicy& policy,
                        std::uint64_t dice, WallTime now);

/// processing -> pending at once: the server or node under it died. Counted apart, limited.
Result<Transition> interrupt(const Job& job, const RetryPolicy& policy, WallTime now);

/// processing -> pending at once: we stop on purpose (drain). The attempt is given back, and the owner is told when the
/// server is there again.
Result<Transition> give_back(const Job& job, WallTime now);

/// How far a stage has come.
struct Reached {
  std::int64_t position_ms = 0;
  std::string output{};   ///< what it needs to go on from there; empty: as it was
  std::string warning{};  ///< joins those of the stage, once; empty: none
  bool with_less = false;  ///< by a worker with less than is configured
};

/// processing stays processing: media is done and stored up to `position_ms`. Progress ends a row of
/// interruptions. Writes no audit row: segments are their own record; only a new warning about them is noted.
Result<Transition> checkpoint(const Job& job, Reached reached, WallTime now);

/// held -> pending: what `held_for` names is back. Refused where the job is held for something else by now: whoever
/// read that it was held may have been slow.
Result<Transition> release(const Job& job, std::string_view held_for, WallTime now);

/// completed -> pending at the first stage that was done by a fallback and is to be done again in its own way, now that
/// what it needs is back.
Result<Transition> redo(const Job& job, WallTime now);

/// completed -> pending: these gaps of the transcript are heard again, and nothing else. Everything that was made stays
/// until that has brought text: then the transcript is replaced and what later stages made of it is made anew, in one
/// change. Where it brings none, fails for good or is cancelled, the job is completed again as it was. Errors: conflict
/// HF-ITM-03, HF-ITM-07, HF-ITM-10 (the recording or the transcript is no longer kept), HF-GAP-01 (no gap).
Result<Transition> fill_gaps(const Job& job, std::vector<speech::Region> gaps, WallTime now);

/// A mode that somebody asks for after all.
struct Fuller {
  std::string mode;
  std::vector<StageRecord> plan;  ///< its stages, as of a new job
  std::vector<std::string> anew;  ///< stages that it does in another way than the mode that was asked for before
};

/// completed -> pending at the first stage that the mode has and the job has not, or that was done in a lesser or in
/// another way. Finished stages are kept, but for those from the first one that is done again. Errors also: conflict
/// HF-ITM-07 (discarded), HF-ITM-10 (retention took what that needs), HF-ITM-11 (there is nothing to do).
Result<Transition> redo_in(const Job& job, const Fuller& wanted, WallTime now);

/// pending stays pending: the calendar was set back, so the wait that was decided then begins now.
Result<Transition> wait_anew(const Job& job, WallTime now);

/// pending -> cancelled at once; processing -> cancel_requested, and the runner ends it.
Result<Transition> request_cancel(const Job& job, WallTime now);

/// processing with cancel_requested -> cancelled, by the runner that stopped the work.
Result<Transition> cancel(const Job& job, WallTime now);

/// failed, cancelled or completed -> pending from `from_stage` (empty: the stage that failed, else the first
/// one). Finished stages before it are kept, later ones are pulled along; counters start anew. pending -> due
/// now, and one that fills gaps goes on to do just that unless a stage is named.
/// Errors also: conflict HF-ITM-07 (discarded), HF-ITM-10 (retention took what that needs).
Result<Transition> retry(const Job& job, const std::string& from_stage, WallTime now);

/// failed stays failed for good: what its stages made is thrown away and its file is no longer needed. The item and
/// its trail stay, so that its owner sees what became of it. `who`: the operator. Errors also: conflict HF-ITM-07.
Result<Transition> discard(const Job& job, const std::string& who, const std::string& reason, WallTime now);

/// What a person made in the place of the stages that could not (LAB_13).
struct ByHand {
  std::string who;                   ///< the operator
  std::vector<NamedResult> results;  ///< each with its stage, which is not completed
  std::vector<Segment> segments;     ///< of a transcript among the results
};

/// failed -> completed. Every stage that was left to do counts as completed; which ones left nothing is among their
/// warnings. Errors also: conflict HF-ITM-07; invalid HF-ITM-08 (no result, one of a stage that is completed or not
/// there, or a stage that transcribes is left without a transcript).
Result<Transition> complete_by_hand(const Job& job, const ByHand& made, WallTime now);

/// What retention takes of an item that is over, and by which rule.
struct Expiry {
  bool file = false;     ///< what was handed in
  bool results = false;  ///< transcript and everything else that was made of it
  std::string rule;      ///< for the trail: "24 h after the end of the work"
};

/// completed, failed or cancelled stays what it is; the item says what is gone. The file itself is removed after this
/// was committed. Errors: conflict HF-ITM-03 (not over, or nothing of that is there any more), HF-ITM-07.
Result<Transition> expire(const Job& job, const Expiry& what, WallTime now);

/// What is over stays so and gives up the key that was made of what it was asked: from now on the same is asked anew.
/// `detail`: why, for the trail. Errors: conflict HF-ITM-03 (not over, or it has no such key), HF-ITM-07.
Result<Transition> answered(const Job& job, const std::string& detail, WallTime now);

/// The last entry of its trail: the record as a whole goes. For RetentionStore::remove. Errors: conflict HF-ITM-03
/// (legal.hpp: may_be_removed).
Result<Transition> remove(const Job& job, const std::string& rule, WallTime now);

}  // namespace holdfast::decide
