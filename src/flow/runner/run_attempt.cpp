#include "flow/runner/run_attempt.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/this_coro.hpp>

#include "flow/fallback/chain.hpp"
#include "flow/runner/settle.hpp"
#include "flow/stages/stage_kind.hpp"

namespace holdfast::runner {
namespace {

using namespace asio::experimental::awaitable_operators;

constexpr unsigned kPiecesMax = 10'000;  ///< of one stage in one attempt; a day of speech has about a thousand

/// Restarts the lease's time while the work goes on. Beats whether or not the worker computes: it is the
/// supervisor that is alive. A store that does not answer is asked again: only "not yours any more" ends it.
/// Errors: conflict (the lease is lost), canceled.
Task<Result<void>> heartbeat(ItemId item, Fence fence, Deps deps) {
  for (;;) {
    HF_CO_TRY_VOID(co_await deps.clock.sleep_until(deps.clock.mono_now() + deps.heartbeat_every));
    const auto beaten = co_await deps.store.extend(item, fence, deps.lease_for);
    if (!beaten && beaten.error().error_class() == ErrorClass::conflict) co_return beaten;
    if (!beaten && beaten.error().error_class() == ErrorClass::canceled) co_return beaten;
  }
}

Task<Result<void>> wait_for_stop(Attempt* attempt, Deps deps) {
  while (attempt->stop == Stop::none) {
    HF_CO_TRY_VOID(co_await attempt->stop_bell->wait_until(deps.clock.mono_now() + milliseconds{60'000}));
  }
  co_return Result<void>{};
}

/// A store that does not answer, or has no room, is not the file's fault: the attempt is resumed, and counted
/// apart.
Error store_trouble(const Error& error) {
  const bool away = error.error_class() == ErrorClass::transient ||
                    error.error_class() == ErrorClass::unknown || error.error_class() == ErrorClass::resource;
  return away ? Error{ErrorClass::interrupted, "HF-STO-04", error.what()} : error;
}

/// Whether there can be something stored that the stage needs: of earlier stages, or of itself.
bool has_stored(const Job& job) {
  const StageRecord& stage = *current_stage(job);
  return needs_results_from(job, job.stage) || stage.position_ms > 0 || !stage.fill.empty();
}

/// Reads what is stored of the job's stages: its transcript so far, and the results of those before.
Task<Result<void>> read_stored(stages::StageInput* input, Deps deps) {
  auto record = co_await deps.store.record(input->job.id);
  if (!record) co_return std::unexpected(store_trouble(record.error()));
  if (!*record) co_return fail(ErrorClass::not_found, "HF-ITM-06", "there is no such item");
  input->segments = std::move((*record)->segments);
  input->gaps = std::move((*record)->gaps);
  input->results = std::move((*record)->results);
  co_return Result<void>{};
}

/// How much of the transcript is stored.
struct Stored {
  std::size_t segments = 0;
  std::size_t gaps = 0;
  std::int64_t position_ms = 0;
};

/// Remembers of the stage in work, as the store does, that a worker with less has made some of what is kept.
void note_less(Job& job, bool with_less) {
  StageRecord& stage = job.stages[job.stage];
  stage.with_less = stage.with_less || with_less;
}

/// Stores what a worker has finished so far. Segments and gaps are numbered on from those that are stored
/// already.
Task<Result<void>> keep_segments(SegmentsDone done, stages::StageInput* input, Stored* stored, Deps deps) {
  const Stored after{.segments = stored->segments + done.segments.size(),
                     .gaps = stored->gaps + done.gaps.size(),
                     .position_ms = done.position_ms};
  Checkpoint made{.first_segment = stored->segments,
                  .segments = std::move(done.segments),
                  .first_gap = stored->gaps,
                  .gaps = std::move(done.gaps),
                  .position_ms = done.position_ms,
                  .warning = std::move(done.warning),
                  .with_less = done.with_less};
  auto write = deps.store.checkpoint(input->job.id, input->job.fence, std::move(made));
  const auto written = co_await std::move(write);
  if (!written) co_return std::unexpected(store_trouble(written.error()));
  *stored = after;
  note_less(input->job, done.with_less);
  co_return Result<void>{};
}

/// Stores how far a stage is that needs several pieces of work, and remembers it as the store does.
Task<Result<void>> keep_place(decide::StageOutcome so_far, stages::StageInput* input, Deps deps) {
  Checkpoint made{.first_segment = input->segments.size(),
                  .first_gap = input->gaps.size(),
                  .position_ms = so_far.goes_on_at_ms,
                  .output = so_far.output,
                  .with_less = current_stage(input->job)->with_less};
  auto write = deps.store.checkpoint(input->job.id, input->job.fence, std::move(made));
  const auto written = co_await std::move(write);
  if (!written) co_return std::unexpected(store_trouble(written.error()));
  StageRecord& stage = input->job.stages[input->job.stage];
  stage.position_ms = so_far.goes_on_at_ms;
  stage.output = std::move(so_far.output);
  co_return Result<void>{};
}

/// A worker's answer, and the run that gave it, which is told what was made of it.
struct Answered {
  std::unique_ptr<WorkRun> run;
  Finished finished;
  bool kept = false;  ///< it told segments on its way, which are stored
};

void tell_progress(double fraction, const Job& job, Attempt* attempt, const Deps& deps) {
  if (fraction > attempt->fraction) attempt->progressed_at = deps.clock.mono_now();
  attempt->fraction = fraction;
  if (deps.on_progress) deps.on_progress(job, fraction);
}

/// Lets a worker work until it has finished or failed.
Task<Result<Answered>> work(WorkRequest request, stages::StageInput* input, Attempt* attempt, Deps deps) {
  const double from = request.share_from;
  const double share = request.share_to - from;
  const std::int64_t began_ms = current_stage(input->job)->position_ms;
  Stored stored{.segments = input->segments.size(), .gaps = input->gaps.size(), .position_ms = began_ms};
  HF_CO_TRY(auto run, co_await deps.workers.start(std::move(request)));
  for (;;) {
    HF_CO_TRY(WorkEvent event, co_await run->next());
    if (auto* finished = std::get_if<Finished>(&event)) {
      if (from + share < 1) tell_progress(from + share, input->job, attempt, deps);  // the stage goes on
      note_less(input->job, finished->with_less);
      co_return Answered{std::move(run), std::move(*finished), stored.position_ms > began_ms};
    }
    if (auto* progress = std::get_if<Progress>(&event)) {
      tell_progress(from + share * progress->fraction, input->job, attempt, deps);
      continue;
    }
    auto& done = std::get<SegmentsDone>(event);
    if (done.position_ms <= stored.position_ms) continue;  // heard before: a repeated frame changes nothing
    attempt->progressed_at = deps.clock.mono_now();
    auto kept = keep_segments(std::move(done), input, &stored, deps);
    HF_CO_TRY_VOID(co_await std::move(kept));
  }
}

/// One piece of a stage's work: for most stages, all of it.
Task<Result<decide::StageOutcome>> perform_piece(const stages::StageKind* kind, stages::Plan plan,
                                                 stages::StageInput* input, Attempt* attempt, Deps deps) {
  if (auto* outcome = std::get_if<decide::StageOutcome>(&plan)) co_return std::move(*outcome);
  auto& request = std::get<WorkRequest>(plan);
  request.repeats = current_stage(input->job)->attempts > 1;
  if (deps.answers != nullptr && input->config.cache) {
    auto answering = deps.answers->outcome(kind, *input, std::move(request), &deps.workers);
    co_return co_await std::move(answering);
  }
  auto working = work(std::move(request), input, attempt, deps);
  HF_CO_TRY(const Answered answered, co_await std::move(working));
  if (answered.kept) {
    HF_CO_TRY_VOID(co_await read_stored(input, deps));
  }
  auto outcome = kind->conclude(*input, answered.finished);
  answered.run->judge(outcome ? nullptr : &outcome.error());
  co_return outcome;
}

/// What a piece of the stage's work in its own way is.
Result<stages::Plan> prepare(const stages::StageInput& input) {
  const auto* kind = stages::find_kind(input.config.kind);
  if (kind == nullptr) return fail(ErrorClass::permanent, "HF-CFG-02", "no stage kind '" + input.config.kind + "'");
  return kind->prepare(input);
}

/// All pieces of a stage's work in its own way, from its input and the first piece's plan to its outcome.
Task<Result<decide::StageOutcome>> perform_own(Result<stages::Plan> plan, stages::StageInput* input,
                                               Attempt* attempt, Deps deps) {
  attempt->progressed_at = deps.clock.mono_now();
  for (unsigned pieces = 0; pieces < kPiecesMax; ++pieces) {
    HF_CO_TRY(auto planned, std::move(plan));
    auto performing = perform_piece(stages::find_kind(input->config.kind), std::move(planned), input, attempt, deps);
    HF_CO_TRY(auto outcome, co_await std::move(performing));
    if (outcome.goes_on_at_ms < 0) co_return std::move(outcome);
    auto keeping = keep_place(std::move(outcome), input, deps);
    HF_CO_TRY_VOID(co_await std::move(keeping));
    attempt->progressed_at = deps.clock.mono_now();
    plan = prepare(*input);
  }
  co_return fail(ErrorClass::permanent, "HF-SRV-01", "the stage does not come to an end");
}

/// The stage's own way, in no more time than its deadline leaves.
StageConfig within_deadline(StageConfig config) {
  if (config.deadline.count() > 0) config.time_max = std::min(config.time_max, config.deadline);
  return config;
}

/// What a stage is begun with.
struct Opening {
  stages::StageInput input;
  Result<stages::Plan> plan;
};

Task<Result<Opening>> open(const Job* job, const StageConfig* config, Deps deps) {
  Opening opening{.input = {.job = *job, .config = within_deadline(*config)}, .plan = {}};
  if (has_stored(*job)) {
    HF_CO_TRY_VOID(co_await read_stored(&opening.input, deps));
  }
  opening.plan = prepare(opening.input);
  co_return opening;
}

/// The outcome, where there is nothing to ask anybody.
std::optional<decide::StageOutcome> outcome_at_once(Result<Opening>& opening) {
  if (!opening || !opening->plan || current_stage(opening->input.job)->with_less) return std::nullopt;
  auto* const outcome = std::get_if<decide::StageOutcome>(&*opening->plan);
  if (outcome == nullptr || outcome->goes_on_at_ms >= 0) return std::nullopt;
  return std::move(*outcome);
}

/// The stage's work: in its own way, or where that fails by its fallbacks.
Task<Result<decide::StageOutcome>> perform(Job job, Result<Opening> opening, const Recipe* recipe,
                                           const StageConfig* config, Attempt* attempt, Deps deps) {
  const MonoTime began = attempt->progressed_at;
  HF_CO_TRY(auto opened, std::move(opening));
  stages::StageInput input = std::move(opened.input);
  auto performing = perform_own(std::move(opened.plan), &input, attempt, deps);
  auto outcome = co_await std::move(performing);
  if (outcome && outcome->fallback) outcome->mode = fallback::mode_with_earlier(job, *recipe, deps.workers);
  if (outcome && current_stage(input.job)->with_less) fallback::mark_less(job, *recipe, *config, *outcome);
  if (outcome || config->fallbacks.empty() || !fallback::may_help(outcome.error())) co_return outcome;
  input.config = *config;
  stages::StageInput again = input;  // the strategies read the one while the other is worked on
  fallback::OwnWay own_way = [&again, attempt, deps](StageConfig less) {
    again.config = std::move(less);
    return perform_own(prepare(again), &again, attempt, deps);
  };
  fallback::Deps chain_deps{.workers = deps.workers, .clock = deps.clock, .neighbours = deps.neighbours};
  auto falling = fallback::run_chain(&input, recipe, std::move(outcome).error(), std::move(own_way), began,
                                     std::move(chain_deps));
  co_return co_await std::move(falling);
}

/// What ended the attempt, as a settlement to write. Nothing: the lease was lost and there is nothing to
/// settle.
std::optional<Ending> ending_of(std::variant<Result<decide::StageOutcome>, Result<void>, Result<void>> first,
                                Stop stop) {
  if (auto* performed = std::get_if<0>(&first)) {
    if (*performed) return Ending{.outcome = std::move(**performed)};
    const Error& error = performed->error();
    if (error.error_class() == ErrorClass::conflict) return std::nullopt;
    if (error.error_class() != ErrorClass::canceled) return Ending{.error = error};
  }
  if (first.index() == 1 && std::get<1>(first).error().error_class() == ErrorClass::conflict)
    return std::nullopt;
  if (stop == Stop::stuck)
    return Ending{.error = Error{ErrorClass::transient, kWorkerHung, "the worker got no further"}};
  return Ending{.stop = stop == Stop::none ? Stop::drain : stop};
}

/// Has the stage worked on, as long as the lease can be kept and nobody wants it stopped. Nothing: there is nothing to
/// settle.
Task<std::optional<Ending>> work_supervised(Job job, Result<Opening> opening, const Recipe* recipe,
                                            const StageConfig* config, Attempt* attempt, Deps deps) {
  auto performing = perform(job, std::move(opening), recipe, config, attempt, deps);
  auto beating = heartbeat(job.id, job.fence, deps);
  auto stopping = wait_for_stop(attempt, deps);
  auto first =
      co_await (std::move(performing) || std::move(beating) || std::move(stopping));  // losers are cancelled
  co_return ending_of(std::move(first), attempt->stop);
}

}  // namespace

Task<Result<Job>> run_attempt(Job job, Recipe recipe, Attempt* attempt, Deps deps) {
  attempt->progressed_at = deps.clock.mono_now();
  const StageConfig* known = find_stage(recipe, job.stages[job.stage].name);
  const StageConfig config = known != nullptr ? in_mode(recipe, *known, job.requested_mode) : StageConfig{};
  auto opening = co_await open(&job, &config, deps);
  std::optional<Ending> ending;
  if (auto outcome = outcome_at_once(opening)) {
    ending = Ending{.outcome = std::move(*outcome)};
  } else {
    auto working = work_supervised(job, std::move(opening), &recipe, &config, attempt, deps);
    ending = co_await std::move(working);
  }

  // Stopping cut the work short, but the record of it must still be written.
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  attempt->settling = true;
  if (!ending)
    co_return fail(ErrorClass::conflict, "HF-ITM-05", "the lease was lost; the result is thrown away");
  // The rules as they are now: they may have been changed while it ran.
  const RetryPolicy policy = policy_under(deps.rules, config);
  co_return co_await settle(job, std::move(*ending), policy, attempt, deps);
}

}  // namespace holdfast::runner
