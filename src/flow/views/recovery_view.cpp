#include "flow/views/recovery_view.hpp"

#include <boost/json.hpp>

#include "core/catalogue/catalogue.hpp"
#include "flow/views/item_view.hpp"
#include "flow/views/json_values.hpp"

namespace holdfast::views {
namespace {

namespace json = boost::json;

/// Why nothing happens with the item at this moment, or that something does.
std::string_view wait_word(const Job& job, WallTime now) {
  if (is_terminal(job.status)) return "over";
  if (job.status == JobStatus::processing) return "processing";
  if (!job.held_for.empty()) return "held";
  return job.ready_at > now ? "scheduled" : "due";
}

json::object wait_object(const Job& job, WallTime now) {
  const std::string_view word = wait_word(job, now);
  json::object out{{"state", word}, {"since", to_rfc3339(job.updated_at)}, {"for", text_or_null(job.held_for)},
                   {"until", nullptr}};
  if (word == "scheduled") out["until"] = to_rfc3339(job.ready_at);
  if (job.lease) out["until"] = to_rfc3339(job.lease->until);  // unless a heartbeat comes before
  return out;
}

json::object pipeline_stage_object(const StageRecord& stage) {
  std::optional<milliseconds> took;
  if (stage.started_at && stage.finished_at) took = *stage.finished_at - *stage.started_at;
  return {{"name", stage.name},
          {"queue_type", stage.kind},
          {"title", stage.title},
          {"state", to_word(stage.state)},
          {"attempts", stage.attempts},
          {"interruptions", stage.interruptions},
          {"crashes", stage.crashes},
          {"checkpoint_s", static_cast<double>(stage.position_ms) / 1000},
          {"started_at", when(stage.started_at)},
          {"finished_at", when(stage.finished_at)},
          {"took_s", seconds(took)},
          {"warnings", json::value_from(stage.warnings)}};
}

}  // namespace

json::object queue_object(const QueueStats& stats) {
  return {{"queue_type", stats.kind},
          {"pending", stats.pending},
          {"scheduled", stats.scheduled},
          {"held", stats.held},
          {"processing", stats.processing},
          {"failed", stats.failed},
          {"oldest_s", seconds(stats.oldest)},
          {"completed_last_hour", stats.completed_last_hour}};
}

json::array queue_objects(const std::vector<QueueStats>& stats) {
  json::array out;
  for (const QueueStats& queue : stats) out.push_back(queue_object(queue));
  return out;
}

json::object group_object(const DeadLetterGroup& group) {
  const auto& entry = catalogue::describe(group.code);
  json::array samples;
  for (const ItemId& id : group.samples) samples.emplace_back(id.text());
  return {{"recipe", group.recipe},
          {"stage", group.stage},
          {"queue_type", group.kind},
          {"code", group.code},
          {"title", entry.title},
          {"what_to_do", entry.what_to_do},
          {"count", group.count},
          {"first_at", to_rfc3339(group.first_at)},
          {"last_at", to_rfc3339(group.last_at)},
          {"samples", std::move(samples)}};
}

json::array group_objects(const std::vector<DeadLetterGroup>& groups) {
  json::array out;
  for (const DeadLetterGroup& group : groups) out.push_back(group_object(group));
  return out;
}

json::object dead_letter_object(const Job& job) {
  json::object out = short_item_object(job, {}, 0);
  out.erase("rating");
  const auto facts = dead_letter_facts(job);
  out["failed_at"] = facts ? text_or_null(to_rfc3339(facts->failed_at)) : nullptr;
  out["queue_type"] = facts ? text_or_null(facts->kind) : nullptr;
  return out;
}

json::object event_object(const StoredEvent& event) {
  json::object out = audit_object(event);
  out["item"] = event.item.text();
  out["owner"] = event.owner;
  return out;
}

json::object figures_object(const RecoveryFigures& figures) {
  return {{"interrupted", figures.interrupted}, {"stuck", figures.stuck}, {"released", figures.released}};
}

json::object pipeline_object(const Job& job, double progress, WallTime now) {
  json::array stages;
  for (const StageRecord& stage : job.stages) stages.push_back(pipeline_stage_object(stage));
  const StageRecord* current = current_stage(job);
  json::object out{{"item", job.id.text()},
                   {"job_id", job.job_key},
                   {"owner", job.owner},
                   {"recipe", job.recipe},
                   {"status", to_word(job.status)},
                   {"stage", current != nullptr ? text_or_null(current->name) : nullptr},
                   {"attempt", current != nullptr ? json::value(current->attempts) : nullptr},
                   {"progress", job.status == JobStatus::processing ? json::value(progress) : nullptr},
                   {"wait", wait_object(job, now)},
                   {"error", error_value(job.error)},
                   {"discarded", text_or_null(job.discarded)},
                   {"stages", std::move(stages)},
                   {"created_at", to_rfc3339(job.created_at)},
                   {"updated_at", to_rfc3339(job.updated_at)}};
  return out;
}

}  // namespace holdfast::views
