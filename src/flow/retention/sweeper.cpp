#include "flow/retention/sweeper.hpp"

#include <algorithm>

#include "core/job/decide.hpp"
#include "flow/queue/artifact.hpp"

namespace holdfast::retention {
namespace {

constexpr unsigned kPage = 50;             ///< items of one step
constexpr unsigned kPages = 256;           ///< of the store, given back in one step: 1 MiB
constexpr unsigned kCountMost = 10'000;    ///< trails and lines: more need not be counted to the last
constexpr milliseconds kPause{100};        ///< between steps, so that those who wait for an answer come first
constexpr milliseconds kAgain{60'000};     ///< when the store did not answer
constexpr milliseconds kJump{60'000};      ///< of the calendar, that is more than a correction
constexpr milliseconds kAfterJump = std::chrono::minutes{15};  ///< for somebody to set it right
constexpr std::size_t kPassMost = 10'000;  ///< then the next pass goes on

/// What a pass has done and may still do.
struct Pass {
  EngineState* engine;
  Portion portion;
  Taken taken{};

  [[nodiscard]] std::size_t left() const {
    const std::size_t done = taken.files + taken.results + taken.items + taken.trails + taken.lines;
    return portion.most - std::min(portion.most, done);
  }
  [[nodiscard]] bool over() const { return left() == 0 || engine->draining; }
};

/// Whether the item itself stood in the way, and not the store: somebody was quicker.
bool is_refusal(const Error& error) {
  return error.error_class() == ErrorClass::conflict || error.error_class() == ErrorClass::not_found;
}

std::unexpected<Error> not_due() { return fail(ErrorClass::conflict, "HF-ITM-03", "it is not due any more"); }

/// Decided inside the store's transaction, on the job as it is there: whoever retries it in this moment comes first or
/// is told that the file is gone, and never something between.
Decide expire_due(Ages ages) {
  return [ages](const Job& job, WallTime now) -> Result<Transition> {
    const Due found = due(job, ages, now);
    if (!found.file && !found.results) return not_due();
    return decide::expire(job, {.file = found.file, .results = found.results, .rule = rule_of(found)}, now);
  };
}

Decide remove_due(Ages ages) {
  return [ages](const Job& job, WallTime now) -> Result<Transition> {
    const Due found = due(job, ages, now);
    return found.item ? decide::remove(job, rule_of(found), now) : not_due();
  };
}

/// It is recorded that they are gone. What cannot be removed now, the sweep of intake removes.
Task<void> remove_files(EngineState* engine, Job job) {
  if (!job.input.blob.empty()) (void)co_await engine->deps.blobs.remove(job.input.blob);
  const auto audio = queue::converted_audio(job);
  if (audio) (void)co_await engine->deps.blobs.remove(audio->id);
}

/// Returns whether the item was changed.
Task<Result<bool>> expire_one(Pass* pass, Job job, Ages ages) {
  Decide decision = expire_due(ages);
  const auto changed = co_await pass->engine->deps.store.update(job.id, std::move(decision));
  if (!changed && is_refusal(changed.error())) co_return false;
  if (!changed) co_return std::unexpected(changed.error());
  const bool file = keeps_file(job) && !keeps_file(*changed);
  pass->taken.files += file ? 1 : 0;
  pass->taken.results += keeps_results(job) && !keeps_results(*changed) ? 1 : 0;
  if (file) co_await remove_files(pass->engine, *changed);
  co_return true;
}

Task<Result<bool>> remove_one(Pass* pass, Job job, Ages ages) {
  Decide decision = remove_due(ages);
  const auto removed = co_await pass->engine->deps.retention->remove(job.id, std::move(decision));
  if (!removed && is_refusal(removed.error())) co_return false;
  if (!removed) co_return std::unexpected(removed.error());
  pass->taken.items += 1;
  co_return true;
}

Task<void> rest(Pass* pass) {
  if (pass->portion.pause.count() == 0) co_return;
  Clock& clock = pass->engine->deps.clock;
  (void)co_await clock.sleep_until(clock.mono_now() + pass->portion.pause);
}

/// One step of a search. Returns whether there may be more of it.
Task<Result<bool>> step(Pass* pass, OverQuery query, Ages ages) {
  const bool items = query.search.what == "item";
  HF_CO_TRY(const auto jobs, co_await pass->engine->deps.retention->over(query));
  std::size_t done = 0;
  for (const Job& job : jobs) {
    if (pass->over()) break;
    auto taking = items ? remove_one(pass, job, ages) : expire_one(pass, job, ages);
    HF_CO_TRY(const bool changed, co_await std::move(taking));
    done += changed ? 1 : 0;
  }
  co_return done > 0 && jobs.size() == query.limit && !pass->over();
}

Task<Result<void>> take_of_recipe(Pass* pass, std::string recipe) {
  const Ages ages = pass->engine->deps.keep.of(recipe);
  for (const Search& search : searches(ages)) {
    for (bool more = true; more && !pass->over();) {
      const auto limit = static_cast<unsigned>(std::min<std::size_t>(kPage, pass->left()));
      OverQuery query{.recipe = recipe, .search = search, .limit = limit};
      auto stepping = step(pass, std::move(query), ages);
      HF_CO_TRY(more, co_await std::move(stepping));
      if (more) co_await rest(pass);
    }
  }
  co_return Result<void>{};
}

Task<Result<void>> prune_audits(Pass* pass) {
  const Policy& keep = pass->engine->deps.keep;
  for (bool more = keep.audit || keep.management_audit; more && !pass->over();) {
    const PruneRequest request{.audit = keep.audit, .management = keep.management_audit};
    HF_CO_TRY(const Pruned pruned, co_await pass->engine->deps.retention->prune(request));
    pass->taken.trails += pruned.trails;
    pass->taken.lines += pruned.lines;
    more = std::max(pruned.trails, pruned.lines) == request.limit;
    if (more) co_await rest(pass);
  }
  co_return Result<void>{};
}

Task<Result<void>> give_back(Pass* pass) {
  for (std::size_t given = kPages; given == kPages && !pass->engine->draining;) {
    HF_CO_TRY(given, co_await pass->engine->deps.retention->give_back(kPages));
    pass->taken.pages += given;
    if (given > 0) co_await rest(pass);
  }
  co_return Result<void>{};
}

Task<Result<void>> run(Pass* pass) {
  HF_CO_TRY(const auto recipes, co_await pass->engine->deps.retention->recipes_over());
  for (const std::string& recipe : recipes) {
    auto taking = take_of_recipe(pass, recipe);
    HF_CO_TRY_VOID(co_await std::move(taking));
  }
  HF_CO_TRY_VOID(co_await prune_audits(pass));
  co_return co_await give_back(pass);
}

using Count = std::pair<std::string_view, std::size_t>;

/// Also of a pass that the store ended early: what it took is gone.
void tell_taken(EngineState* engine, const Taken& taken) {
  const std::array<Count, 6> counts{{{"file", taken.files},
                                     {"results", taken.results},
                                     {"item", taken.items},
                                     {"trail", taken.trails},
                                     {"line", taken.lines},
                                     {"page", taken.pages}}};
  std::vector<LogField> fields;
  for (const auto& [kind, count] : counts) {
    if (count == 0) continue;
    if (engine->deps.meter != nullptr) engine->deps.meter->retention_took(kind, count);
    fields.push_back({kind, std::to_string(count)});
  }
  if (fields.empty()) return;
  tell(engine->deps.log, LogLevel::info, "retention_removed", fields);
  engine->relay_bell->ring();
}

milliseconds lead_of(Clock& clock) {
  return clock.wall_now().time_since_epoch() - clock.mono_now().time_since_epoch();
}

/// One pass of the loop. Returns how long to wait before the next.
Task<milliseconds> pass_and_pause(EngineState* engine, milliseconds* lead) {
  const milliseconds jumped = lead_of(engine->deps.clock) - *lead;
  *lead += jumped;
  if (jumped > kJump) {
    const std::string seconds = std::to_string(jumped.count() / 1000);
    tell(engine->deps.log, LogLevel::warn, "retention_waits", {{"calendar_jumped_s", seconds}});
    co_return kAfterJump;
  }
  const auto taken = co_await take_due(engine, {.most = kPassMost, .pause = kPause});
  if (taken) co_return taken->more ? kPause : engine->config.retention_every;
  tell(engine->deps.log, LogLevel::warn, "retention_waits", {{"code", taken.error().code()}});
  co_return std::max(kAgain, engine->config.retention_every);
}

void count_in(Taken& taken, std::string_view what, std::size_t count) {
  if (what == "file") taken.files += count;
  if (what == "results") taken.results += count;
  if (what == "dead_letter") taken.dead_letters += count;
  if (what == "item") taken.items += count;
}

}  // namespace

Task<Result<Taken>> take_due(EngineState* engine, Portion portion) {
  if (engine->deps.retention == nullptr) co_return Taken{};
  Pass pass{.engine = engine, .portion = portion};
  const auto ran = co_await run(&pass);
  tell_taken(engine, pass.taken);
  if (!ran) co_return std::unexpected(ran.error());
  pass.taken.more = pass.left() == 0;
  co_return pass.taken;
}

Task<Result<Taken>> count_due(EngineState* engine) {
  Taken found;
  RetentionStore* store = engine->deps.retention;
  if (store == nullptr) co_return found;
  const Policy& keep = engine->deps.keep;
  HF_CO_TRY(const auto recipes, co_await store->recipes_over());
  for (const std::string& recipe : recipes) {
    for (const Search& search : searches(keep.of(recipe))) {
      OverQuery query{.recipe = recipe, .search = search};
      HF_CO_TRY(const std::uint64_t count, co_await store->count_over(std::move(query)));
      count_in(found, search.what, count);
    }
  }
  const PruneRequest audits{
      .audit = keep.audit, .management = keep.management_audit, .limit = kCountMost, .only_count = true};
  HF_CO_TRY(const Pruned pruned, co_await store->prune(audits));
  found.trails = pruned.trails;
  found.lines = pruned.lines;
  co_return found;
}

Task<void> sweep(EngineState* engine) {
  Clock& clock = engine->deps.clock;
  milliseconds lead = lead_of(clock);
  while (!engine->draining) {
    const milliseconds pause = co_await pass_and_pause(engine, &lead);
    if (engine->draining) co_return;
    const auto slept = co_await clock.sleep_until(clock.mono_now() + pause);
    if (!slept) co_return;
  }
}

}  // namespace holdfast::retention
