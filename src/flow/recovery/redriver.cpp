#include "flow/recovery/redriver.hpp"

#include <algorithm>

#include "core/job/decide.hpp"
#include "flow/queue/artifact.hpp"

namespace holdfast::recovery {
namespace {

constexpr std::string_view kPrefix = "redrive/";
constexpr milliseconds kMinute{60'000};
constexpr milliseconds kAgain{5'000};  ///< when the store did not answer
constexpr milliseconds kIdle{60'000};
constexpr unsigned kPage = 100;

std::string name_of(const std::string& id) { return std::string{kPrefix} + id; }

std::unexpected<Error> no_such_redrive() {
  return fail(ErrorClass::not_found, "HF-QUE-02", "there is no redrive of that id");
}

/// Those that had failed when it began: what fails again meanwhile is left alone.
DeadLetterFilter filter_of(const Redrive& redrive) {
  DeadLetterFilter filter = redrive.filter;
  filter.failed_until = std::min(filter.failed_until.value_or(redrive.began_at), redrive.began_at);
  return filter;
}

unsigned portion_of(const Redrive& redrive) { return redrive.per_minute > 0 ? redrive.per_minute : kPage; }

/// Whether the item itself stood in the way, and not the store.
bool is_refusal(const Error& error) {
  return error.error_class() == ErrorClass::conflict || error.error_class() == ErrorClass::invalid ||
         error.error_class() == ErrorClass::not_found;
}

}  // namespace

Redriver::Redriver(Deps deps) : deps_{std::move(deps)}, bell_{deps_.clock.make_wakeup()} {}

MonoTime Redriver::due_after_restart(const Redrive& redrive) const {
  const auto since = deps_.clock.wall_now() - redrive.portion_at;
  const bool wait = redrive.per_minute > 0 && redrive.retried + redrive.refused > 0 && since.count() >= 0;
  return deps_.clock.mono_now() + (wait ? std::max(kMinute - since, milliseconds{0}) : milliseconds{0});
}

Task<Result<void>> Redriver::load() {
  HF_CO_TRY(const auto kept, co_await deps_.states.kept_under(std::string{kPrefix}));
  for (const auto& [name, json] : kept) {
    auto redrive = redrive_from(json);
    if (!redrive) {  // one damaged document must not keep the server from starting
      tell(deps_.log, LogLevel::error, "redrive_unreadable", {{"state", name}, {"message", redrive.error().what()}});
      continue;
    }
    const MonoTime due = due_after_restart(*redrive);
    const std::string id = redrive->id;
    redrives_.insert_or_assign(id, Under{*std::move(redrive), due});
  }
  bell_->ring();
  co_return Result<void>{};
}

Task<Result<Redrive>> Redriver::begin(Request request) {
  const WallTime now = deps_.clock.wall_now();
  Redrive made{.id = "rdr_" + make_ulid(now, deps_.entropy.roll()),
               .filter = std::move(request.filter),
               .from_stage = std::move(request.from_stage),
               .per_minute = request.per_minute,
               .who = std::move(request.who),
               .began_at = now,
               .portion_at = now};
  HF_CO_TRY(const auto groups, co_await deps_.store.dead_letter_groups(filter_of(made)));
  for (const DeadLetterGroup& group : groups) made.matched += group.count;
  const std::string id = made.id;
  auto keeping = deps_.states.keep(name_of(id), to_json(made));
  HF_CO_TRY_VOID(co_await std::move(keeping));
  redrives_.insert_or_assign(id, Under{made, deps_.clock.mono_now()});
  tell(deps_.log, LogLevel::info, "redrive_began", {{"redrive", id}, {"matched", std::to_string(made.matched)}});
  bell_->ring();
  (void)co_await forget_oldest();  // the next one tries again
  co_return made;
}

Task<Result<Redrive>> Redriver::stop(std::string id) {
  const auto found = redrives_.find(id);
  if (found == redrives_.end()) co_return no_such_redrive();
  if (found->second.redrive.state == "running") {
    found->second.redrive.state = "stopped";
    if (const auto kept = co_await keep(id); !kept) {  // who asks again must not be told that it is done
      redrives_.at(id).redrive.state = "running";
      bell_->ring();
      co_return std::unexpected{kept.error()};
    }
  }
  co_return find(id);
}

Result<Redrive> Redriver::find(const std::string& id) const {
  const auto found = redrives_.find(id);
  if (found == redrives_.end()) return no_such_redrive();
  return found->second.redrive;
}

std::vector<Redrive> Redriver::all() const {
  std::vector<Redrive> out;
  for (auto under = redrives_.rbegin(); under != redrives_.rend(); ++under) out.push_back(under->second.redrive);
  return out;
}

bool Redriver::is_running(const std::string& id) const {
  const auto found = redrives_.find(id);
  return found != redrives_.end() && found->second.redrive.state == "running" && !finishing_;
}

Task<Result<void>> Redriver::keep(std::string id) {
  auto keeping = deps_.states.keep(name_of(id), to_json(redrives_.at(id).redrive));
  co_return co_await std::move(keeping);
}

Task<Result<void>> Redriver::forget_oldest() {
  while (redrives_.size() > kKeptMax) {
    const auto is_over = [](const auto& entry) { return entry.second.redrive.state != "running"; };
    const auto over = std::ranges::find_if(redrives_, is_over);
    if (over == redrives_.end()) break;
    const std::string id = over->first;
    HF_CO_TRY_VOID(co_await deps_.states.forget(name_of(id)));
    redrives_.erase(id);
  }
  co_return Result<void>{};
}

/// The item is looked at again inside the store's transaction: somebody may have been quicker.
Task<Result<void>> Redriver::retry(std::string id, Job job) {
  const Redrive& redrive = redrives_.at(id).redrive;
  const Decide decision = [filter = filter_of(redrive), from_stage = redrive.from_stage](
                              const Job& stored, WallTime now) -> Result<Transition> {
    if (!matches(filter, stored)) return fail(ErrorClass::conflict, "HF-ITM-03", "it is no such dead letter any more");
    return decide::retry(stored, queue::retry_from(stored, from_stage), now);
  };
  const auto updated = co_await deps_.store.update(job.id, decision);
  if (!updated && !is_refusal(updated.error())) co_return std::unexpected(updated.error());
  Redrive& counted = redrives_.at(id).redrive;
  (updated ? counted.retried : counted.refused) += 1;
  counted.before = job.id;
  co_return Result<void>{};
}

Task<Result<void>> Redriver::take_portion(std::string id) {
  const Redrive& redrive = redrives_.at(id).redrive;
  const unsigned portion = portion_of(redrive);
  DeadLetterQuery query{.filter = filter_of(redrive), .before = redrive.before, .limit = portion};
  HF_CO_TRY(auto jobs, co_await deps_.store.dead_letters(std::move(query)));
  Result<void> retried;
  for (Job& job : jobs) {
    if (!is_running(id)) break;
    auto retrying = retry(id, std::move(job));
    retried = co_await std::move(retrying);
    if (!retried) break;
  }
  if (!jobs.empty()) deps_.wake();
  if (!redrives_.contains(id)) co_return Result<void>{};
  Under& under = redrives_.at(id);
  under.redrive.portion_at = deps_.clock.wall_now();
  const bool all_seen = retried && jobs.size() < portion;
  if (all_seen && is_running(id)) under.redrive.state = "done";
  HF_CO_TRY_VOID(co_await keep(id));
  co_return retried;
}

Task<void> Redriver::step(std::string id) {
  auto taking = take_portion(id);
  const auto taken = co_await std::move(taking);
  const auto under = redrives_.find(id);
  if (under == redrives_.end()) co_return;
  const Redrive& redrive = under->second.redrive;
  const milliseconds pause = !taken ? kAgain : redrive.per_minute > 0 ? kMinute : milliseconds{0};
  under->second.due = deps_.clock.mono_now() + pause;
  if (redrive.state != "running") {
    tell(deps_.log, LogLevel::info, "redrive_over",
         {{"redrive", id}, {"state", redrive.state}, {"retried", std::to_string(redrive.retried)}});
  }
}

Task<void> Redriver::run() {
  while (!finishing_) {
    MonoTime next = deps_.clock.mono_now() + kIdle;
    std::string due;
    for (const auto& [id, under] : redrives_) {
      if (!is_running(id) || under.due >= next) continue;
      next = under.due;
      due = id;
    }
    if (!due.empty() && next <= deps_.clock.mono_now()) {
      auto stepping = step(std::move(due));
      co_await std::move(stepping);
      continue;
    }
    const auto woken = co_await bell_->wait_until(next);
    if (!woken) co_return;
  }
}

void Redriver::finish() {
  finishing_ = true;
  bell_->ring();
}

}  // namespace holdfast::recovery
