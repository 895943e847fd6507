#include "app/model_fetcher.hpp"

#include <algorithm>
#include <utility>

#include "adapters/ffmpeg/commands.hpp"
#include "adapters/process/child_process.hpp"
#include "app/config/environment.hpp"

namespace holdfast {
namespace {

constexpr milliseconds kLookEvery{5'000};
/// Making all models from their packages takes minutes; a stuck download must end some time.
constexpr milliseconds kFetchMax{3'600'000};
constexpr milliseconds kStopEvery{500};  ///< how soon a stop is noticed while the program runs
constexpr BackoffPolicy kPauses{.base = milliseconds{60'000}, .ceiling = milliseconds{3'600'000}};

std::vector<std::string> variables_for(const std::string& cache) {
  std::vector<std::string> variables;
  for (const auto& [name, value] : models::fetch_environment(system_environment(), cache))
    variables.push_back(name + "=" + value);
  return variables;
}

}  // namespace

ModelFetcher::ModelFetcher(const Settings& settings, std::string program_folder, Deps deps)
    : deps_{std::move(deps)},
      wanted_{settings.models.fetch},
      plan_{models::plan_fetch(settings, program_folder)},
      bell_{deps_.clock.make_wakeup()} {
  for (const std::string& id : models::needed_ids(settings)) {
    if (auto model = models::find_model(settings, id)) needed_.push_back(*std::move(model));
  }
}

bool ModelFetcher::some_missing() const {
  return std::ranges::any_of(needed_,
                             [](const auto& model) { return models::look(model) == models::State::missing; });
}

Task<void> ModelFetcher::run() {
  unsigned failures = 0;
  while (wanted_ && !stopping_) {
    milliseconds pause = kLookEvery;
    if (!some_missing()) {
      notice_.clear();
      failures = 0;
    } else {
      const bool fetched = co_await fetch();
      failures = fetched ? 0 : failures + 1;
      if (!fetched) pause = kLookEvery + backoff(kPauses, failures, deps_.entropy.next());
    }
    if (stopping_) co_return;
    const auto woken = co_await bell_->wait_until(deps_.clock.mono_now() + pause);
    if (!woken) co_return;
  }
}

Task<bool> ModelFetcher::fetch() {
  if (!plan_) {
    report(std::unexpected{plan_.error()});
    co_return false;
  }
  notice_ = "A model file is missing and is being made ready again.";
  tell(deps_.log, LogLevel::info, "model_fetch_began");
  auto running = run_child(*plan_);
  const auto fetched = co_await std::move(running);
  if (stopping_) co_return false;
  report(fetched);
  if (fetched && deps_.on_fetched) co_await deps_.on_fetched();
  co_return fetched.has_value();
}

Task<Result<void>> ModelFetcher::run_child(models::FetchPlan plan) {
  const auto program = ffmpeg::find_program(plan.words.front());
  if (!program) co_return fail(ErrorClass::dependency, "HF-CFG-02", plan.words.front() + " is missing");
  ChildSpec spec{.command = std::move(plan.words), .environment = variables_for(plan.cache)};
  spec.command.front() = program->string();
  HF_CO_TRY(const auto child, ChildProcess::spawn(deps_.executor, deps_.clock, spec));
  const MonoTime deadline = deps_.clock.mono_now() + kFetchMax;
  while (!stopping_ && deps_.clock.mono_now() < deadline) {
    auto waiting = child->wait(deps_.clock.mono_now() + kStopEvery);
    const auto end = co_await std::move(waiting);
    if (end && end->ok()) co_return Result<void>{};
    if (end) co_return fail(ErrorClass::transient, "HF-CLI-03", child->last_words());
    if (end.error().error_class() == ErrorClass::canceled) co_return std::unexpected{end.error()};
  }
  co_return fail(ErrorClass::transient, "HF-CLI-03", "it took longer than an hour");
}

/// The same trouble is told once.
void ModelFetcher::report(const Result<void>& fetched) {
  const std::string before = std::exchange(told_, fetched ? "" : fetched.error().what());
  notice_ = fetched ? "" : "A model file is missing and cannot be made ready: " + fetched.error().what() + ".";
  if (fetched) return tell(deps_.log, LogLevel::info, "model_fetched");
  if (told_ != before)
    tell(deps_.log, LogLevel::warn, "model_fetch_failed", {{"message", fetched.error().what()}});
}

void ModelFetcher::stop() {
  stopping_ = true;
  bell_->ring();
}

}  // namespace holdfast
