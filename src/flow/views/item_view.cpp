#include "flow/views/item_view.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>

#include "core/catalogue/catalogue.hpp"
#include "core/transcript/export.hpp"
#include "core/transcript/text.hpp"
#include "flow/stages/extraction_json.hpp"
#include "flow/views/json_values.hpp"
#include "flow/views/memory_view.hpp"

namespace holdfast::views {
namespace {

namespace json = boost::json;

json::array sentences(const std::vector<std::string>& lines) {
  json::array out;
  for (const std::string& line : lines) out.emplace_back(line);
  return out;
}

std::string stage_word(const Job& job) {
  const StageRecord* stage = current_stage(job);
  return stage != nullptr ? stage->name : "completed";
}

json::object stage_object(const StageRecord& stage) {
  return {{"name", stage.name},
          {"title", stage.title},
          {"state", to_word(stage.state)},
          {"attempts", stage.attempts},
          {"started_at", when(stage.started_at)},
          {"finished_at", when(stage.finished_at)},
          {"warnings", sentences(stage.warnings)}};
}

json::array stage_objects(const Job& job) {
  json::array out;
  for (const StageRecord& stage : job.stages) out.push_back(stage_object(stage));
  return out;
}

json::object input_object(const Job& job) {
  return {{"name", transcript::to_valid_utf8(job.input.name)},
          {"bytes", job.input.bytes},
          {"sha256", text_or_null(job.input.sha256)},
          {"media_type", text_or_null(job.input.media_type)},
          {"duration_s", seconds(job.duration_ms)}};
}

/// Two decimals are enough for a bar, and a reader that compares versions sees fewer of them.
json::value progress_value(const Job& job, double progress) {
  if (job.status != JobStatus::processing) return nullptr;
  return std::round(std::clamp(progress, 0.0, 1.0) * 100) / 100;
}

/// `ready_at` says something only while the item waits for it.
json::value ready_value(const Job& job) {
  if (job.status != JobStatus::pending || !job.held_for.empty()) return nullptr;
  return json::string{to_rfc3339(job.ready_at)};
}

json::object head_object(const Job& job, double progress) {
  return {{"id", job.id.text()},
          {"job_id", job.job_key},
          {"recipe", job.recipe},
          {"owner", job.owner},
          {"status", to_word(job.status)},
          {"stage", stage_word(job)},
          {"progress", progress_value(job, progress)},
          {"stages", stage_objects(job)},
          {"retry_count", job.retry_count},
          {"priority", job.priority},
          {"requested_mode", text_or_null(job.requested_mode)},
          {"mode", text_or_null(job.mode)},
          {"downshift", nullptr},
          {"held_for", text_or_null(job.held_for)},
          {"ready_at", ready_value(job)},
          {"cancel_requested", job.cancel_requested},
          {"messages", sentences(job.messages)},
          {"error", error_value(job.error)},
          {"discarded", text_or_null(job.discarded)},
          {"created_at", to_rfc3339(job.created_at)},
          {"updated_at", to_rfc3339(job.updated_at)},
          {"version", job.version},
          {"input", input_object(job)}};
}

json::object word_object(const Word& word) {
  return {{"start_s", seconds(word.start_ms)},
          {"end_s", seconds(word.end_ms)},
          {"text", transcript::to_valid_utf8(word.text)},
          {"probability", word.probability}};
}

json::object segment_object(const Segment& segment) {
  json::array words;
  for (const Word& word : segment.words) words.push_back(word_object(word));
  return {{"start_s", seconds(segment.start_ms)},
          {"end_s", seconds(segment.end_ms)},
          {"text", transcript::to_valid_utf8(segment.text)},
          {"confidence", segment.confidence},
          {"words", std::move(words)}};
}

/// What the stage published, with the words put in; its own fields win.
json::value transcript_value(json::value published, std::span<const Segment> segments) {
  if (!published.is_object()) return published;
  json::object& transcript = published.get_object();
  json::array list;
  for (const Segment& segment : segments) list.push_back(segment_object(segment));
  transcript.emplace("text", transcript::to_text(segments));
  transcript.emplace("segments", std::move(list));
  return published;
}

/// The rows that a list of memories or action items is made of.
json::array list_value(const ItemRecord& record, const std::string& stage) {
  json::array out;
  for (const StoredExtraction& stored : record.extractions) {
    if (stored.stage == stage) out.push_back(shown_extraction(stored.made, record.recorded));
  }
  return out;
}

/// Nothing published: null. A result that cannot be read is said among the item's messages.
json::value result_value(const ItemRecord& record, json::array& messages) {
  if (record.results.empty()) return nullptr;
  json::object out;
  for (const StoredResult& stored : record.results) {
    boost::system::error_code bad;
    json::value value = json::parse(stored.json, bad);
    if (bad) messages.emplace_back("The stored result \"" + stored.name + "\" cannot be read.");
    if (stored.name == "transcript") value = transcript_value(std::move(value), record.segments);
    if (stages::kind_of_list(value)) value = list_value(record, stored.stage);
    out[stored.name] = std::move(value);
  }
  return out;
}

std::string_view group_of(JobStatus status) {
  return status == JobStatus::cancelled ? to_word(JobStatus::failed) : to_word(status);
}

json::value stage_title(const Job& job) {
  const StageRecord* stage = current_stage(job);
  return stage != nullptr ? text_or_null(stage->title) : nullptr;
}

json::value error_message(const std::optional<Failure>& error) {
  if (!error) return nullptr;
  return json::string{catalogue::describe(error->code).message};
}

json::object video_object(const VideoRow& video) {
  const Job& job = video.job;
  return {{"task_id", job.id.text()},
          {"file", transcript::to_valid_utf8(job.input.name)},
          {"user", job.owner},
          {"status", to_word(job.status)},
          {"stage", stage_word(job)},
          {"stage_title", stage_title(job)},
          {"retry_count", job.retry_count},
          {"error_message", error_message(job.error)},
          {"rating", text_or_null(rating_word(video.results))},
          {"messages", sentences(job.messages)},
          {"created_at", to_rfc3339(job.created_at)},
          {"updated_at", to_rfc3339(job.updated_at)}};
}

}  // namespace

json::object item_object(const ItemRecord& record, double progress) {
  json::object item = head_object(record.job, progress);
  if (record.job.input.blob.empty() && !record.job.input.payload.empty())
    item["input"].as_object()["text"] = transcript::to_valid_utf8(record.job.input.payload);
  json::value result = result_value(record, item["messages"].as_array());
  item["result"] = std::move(result);
  return item;
}

json::object short_item_object(const Job& job, std::span<const StoredResult> results, double progress) {
  json::object item = head_object(job, progress);
  item["rating"] = text_or_null(rating_word(results));
  return item;
}

json::object retention_object(const Job& job, const retention::Ages& ages) {
  const retention::Outlook found = retention::outlook(job, ages);
  return {{"file_until", when(found.file_until)},
          {"file_gone_at", when(job.file_expired_at)},
          {"results_until", when(found.results_until)},
          {"results_gone_at", when(job.results_expired_at)},
          {"item_until", when(found.item_until)}};
}

json::object my_videos_object(std::span<const VideoRow> videos) {
  json::object groups{{"completed", json::array{}},
                      {"processing", json::array{}},
                      {"failed", json::array{}},
                      {"pending", json::array{}}};
  for (const VideoRow& video : videos)
    groups[group_of(video.job.status)].as_array().push_back(video_object(video));
  return groups;
}

std::string rating_word(std::span<const StoredResult> results) {
  const auto found = std::ranges::find(results, "rating", &StoredResult::name);
  if (found == results.end()) return {};
  boost::system::error_code bad;
  const json::value rating = json::parse(found->json, bad);
  const auto* object = bad ? nullptr : rating.if_object();
  const auto* score = object != nullptr ? object->if_contains("score") : nullptr;
  if (score == nullptr || !score->is_number()) return {};
  std::string word;
  transcript::append_json_number(word, std::round(score->to_number<double>() * 10) / 10);
  return word + "/10";
}

json::object audit_object(const StoredEvent& event) {
  return {{"seq", event.seq},
          {"at", to_rfc3339(event.at)},
          {"type", event.entry.type},
          {"stage", text_or_null(event.entry.stage)},
          {"attempt", event.entry.attempt},
          {"fence", event.entry.fence},
          {"status", to_word(event.status)},
          {"detail", text_or_null(event.entry.detail)}};
}

}  // namespace holdfast::views
