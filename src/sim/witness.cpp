#include "sim/witness.hpp"

#include "core/job/decide.hpp"

namespace holdfast::sim {
namespace {

/// What must be equal in two copies of a job of the same version.
std::string essence(const Job& job) {
  std::string text = std::string{to_word(job.status)} + " stage " + std::to_string(job.stage) + " fence " +
                     std::to_string(job.fence) + " held for '" + job.held_for + "' " +
                     (job.cancel_requested ? "to be cancelled" : "") + " retries " +
                     std::to_string(job.retry_count);
  for (const StageRecord& stage : job.stages) {
    text += ' ' + stage.name + ' ' + std::string{to_word(stage.state)} + ' ' +
            std::to_string(stage.attempts) + ' ' + std::to_string(stage.position_ms);
  }
  return text;
}

bool is_removal(const Transition& change) {
  return !change.audit.empty() && change.audit.back().type == "job.removed";
}

}  // namespace

void Witness::violation(const Job& job, const std::string& what) {
  reports_.violation(job.id.text() + ": " + what);
}

void Witness::forget_call() {
  decided_.reset();
  claiming_ = false;
}

void Witness::decided(const Job* before, Transition change, std::optional<Fence> caller) {
  decided_ = Decided{before != nullptr ? std::optional{*before} : std::nullopt, std::move(change), caller};
  if (before == nullptr) return;
  const auto known = jobs_.find(before->id);
  const bool same = known != jobs_.end() && known->second.version == before->version &&
                    essence(known->second) == essence(*before);
  if (!same) violation(*before, "the store decides on a state that nobody had written");
}

void Witness::commit(const Decided& what) {
  reports_.committed({what.before ? &*what.before : nullptr, &what.change, what.caller});
  jobs_[what.change.after.id] = what.change.after;
  if (is_removal(what.change)) jobs_.erase(what.change.after.id);
}

void Witness::kept() {
  if (!decided_) return reports_.violation("the store says that it wrote, and had decided nothing");
  commit(*decided_);
  promised_[decided_->change.after.id] = decided_->change.after.version;
  forget_call();
}

/// A lease is no promise: it may be gone after a power cut, which ends its holder too.
void Witness::leased(const std::vector<Job>& jobs, const ClaimRequest& request, WallTime now) {
  forget_call();
  for (const Job& job : jobs) {
    const auto known = jobs_.find(job.id);
    if (known == jobs_.end()) {
      violation(job, "leased, and never handed in");
      continue;
    }
    auto change = decide::claim(known->second, request.node, request.lease_for, now);
    if (!change) {
      violation(job, "leased while " + essence(known->second));
      continue;
    }
    change->after = job;
    commit({known->second, *std::move(change), std::nullopt});
  }
}

void Witness::compare(const Books& books, Death how) {
  for (const auto& [id, known] : std::map{jobs_}) {
    const auto found = books.jobs().find(id);
    if (found != books.jobs().end()) {
      compare(known, found->second, books, how);
      continue;
    }
    const bool unanswered = decided_ && decided_->change.after.id == id && is_removal(decided_->change);
    unanswered ? commit(*decided_) : violation(known, "was in the store, and is gone after a crash");
  }
  for (const auto& [id, found] : books.jobs()) {
    if (jobs_.contains(id)) continue;
    const bool unanswered = decided_ && !decided_->before && decided_->change.after.id == id;
    unanswered ? commit(*decided_) : violation(found, "nobody had handed it in");
  }
  forget_call();
}

void Witness::compare(const Job& known, const Job& found, const Books& books, Death how) {
  if (found.version > known.version) return take_unanswered(known, found);
  if (found.version == known.version) {
    if (essence(found) != essence(known))
      violation(known, "was " + essence(known) + ", and is after a crash " + essence(found));
    return;
  }
  if (how == Death::process) violation(known, "a process died, and took back what it had written");
  if (found.version < promised_[known.id]) {
    violation(known, "answered, and gone after a crash: " + essence(known));
    return;
  }
  jobs_[found.id] = found;
  reports_.went_back(found, books);
}

/// The call under way had an effect, though its answer never came.
void Witness::take_unanswered(const Job& known, const Job& found) {
  if (found.version == known.version + 1 && decided_ && decided_->change.after.id == found.id) {
    return commit(*decided_);
  }
  const bool claimed = claiming_ && found.version == known.version + 1 && found.fence == known.fence + 1;
  if (claimed) return commit({known, {.after = found}, std::nullopt});
  violation(known, "changed by nobody: " + essence(found));
}

}  // namespace holdfast::sim
