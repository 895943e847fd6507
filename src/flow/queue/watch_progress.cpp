#include "flow/queue/watch_progress.hpp"

#include "flow/stages/stage_kind.hpp"

namespace holdfast::queue {
namespace {

constexpr milliseconds kLookLeast{1'000};
constexpr milliseconds kLate{2'000};  ///< a sleep that ends so much after its time

milliseconds patience_of(EngineState* engine, const runner::Attempt& attempt) {
  return patience_under(engine->deps.rules, attempt.kind, attempt.patience);
}

bool is_working(const runner::Attempt& attempt) { return attempt.stop == runner::Stop::none && !attempt.settling; }

/// When the first attempt that runs now is stuck if it gets no further.
MonoTime first_deadline(EngineState* engine, MonoTime longest) {
  for (const auto& [item_and_fence, attempt] : engine->running) {
    const milliseconds patience = patience_of(engine, attempt);
    if (is_working(attempt) && patience.count() > 0) longest = std::min(longest, attempt.progressed_at + patience);
  }
  return longest;
}

/// We were stopped ourselves, and so was perhaps everything else here: that time counts against nobody.
void forgive(EngineState* engine, milliseconds time) {
  for (auto& [item_and_fence, attempt] : engine->running) attempt.progressed_at += time;
}

}  // namespace

milliseconds own_patience(const Recipe& recipe, const Job& job) {
  const StageRecord* stage = current_stage(job);
  const StageConfig* config = stage != nullptr ? find_stage(recipe, stage->name) : nullptr;
  const stages::StageKind* kind = config != nullptr ? stages::find_kind(config->kind) : nullptr;
  return kind != nullptr && kind->tells_progress() ? 2 * config->silence_max : milliseconds{0};
}

std::size_t stop_stuck(EngineState* engine, const std::string& kind) {
  const MonoTime now = engine->deps.clock.mono_now();
  std::size_t stopped = 0;
  for (auto& [item_and_fence, attempt] : engine->running) {
    if (!is_working(attempt) || (!kind.empty() && attempt.kind != kind)) continue;
    const milliseconds patience = patience_of(engine, attempt);
    if (patience.count() == 0 || now - attempt.progressed_at < patience) continue;
    attempt.stop = runner::Stop::stuck;
    attempt.stop_bell->ring();
    stopped += 1;
    tell(engine->deps.log, LogLevel::warn, "no_progress",
         {{"item", item_and_fence.first.text()}, {"kind", attempt.kind}});
  }
  engine->figures.stuck += stopped;
  return stopped;
}

Task<void> watch_progress(EngineState* engine) {
  Clock& clock = engine->deps.clock;
  while (!engine->draining) {
    const MonoTime now = clock.mono_now();
    const MonoTime next = std::max(first_deadline(engine, now + engine->config.look_every), now + kLookLeast);
    const auto slept = co_await clock.sleep_until(next);
    if (!slept || engine->draining) co_return;
    const milliseconds late = clock.mono_now() - next;
    if (late > kLate) forgive(engine, late);
    stop_stuck(engine, {});
  }
}

}  // namespace holdfast::queue
