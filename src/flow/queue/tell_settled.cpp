#include "flow/queue/tell_settled.hpp"

#include "ports/worker_pool.hpp"

namespace holdfast::queue {
namespace {

std::vector<LogField> about(const Job& before, const Job& after) {
  std::vector<LogField> fields{{"item", after.id.text()}};
  if (before.stage >= after.stages.size()) return fields;
  fields.push_back({"stage", after.stages[before.stage].name});
  fields.push_back({"attempt", std::to_string(before.stages[before.stage].attempts)});
  return fields;
}

}  // namespace

void tell_settled(Log* log, const Job& before, const Job& after) {
  if (log == nullptr) return;
  auto fields = about(before, after);
  if (!after.error) return log->write(LogLevel::debug, "attempt_settled", fields);
  fields.push_back({"code", after.error->code});
  const bool died = after.error->code == kWorkerDied || after.error->code == kWorkerHung;
  if (died) log->write(LogLevel::warn, "worker_died", fields);
  if (after.status == JobStatus::failed) return log->write(LogLevel::warn, "dead_letter", fields);
  if (!after.held_for.empty()) return log->write(LogLevel::info, "job_held", fields);
  if (!died) log->write(LogLevel::info, "attempt_failed", fields);
}

}  // namespace holdfast::queue
