#include "flow/views/memory_view.hpp"

#include <boost/json.hpp>
#include <cstdlib>

#include "core/base/rfc3339.hpp"
#include "core/catalogue/catalogue.hpp"
#include "core/grounding/clean.hpp"
#include "core/memory/dates.hpp"
#include "core/memory/grounded.hpp"
#include "core/memory/search_words.hpp"
#include "core/transcript/text.hpp"
#include "flow/stages/extraction_json.hpp"
#include "flow/views/json_values.hpp"

namespace holdfast::views {
namespace {

namespace json = boost::json;

constexpr std::size_t kFirstWordsMax = 200;  ///< of which the title is cut

json::value title_value(const std::string& first_words) {
  const std::string title = memory::title_of(grounding::clean_text(first_words, kFirstWordsMax));
  return title.empty() ? json::value(nullptr) : json::value(json::string{title});
}

/// "+01:00"; null: not known.
json::value offset_value(const std::optional<std::chrono::minutes>& offset) {
  if (!offset) return nullptr;
  const auto size = std::abs(offset->count());
  const auto two = [](std::int64_t part) { return (part < 10 ? "0" : "") + std::to_string(part); };
  return json::string{(offset->count() < 0 ? "-" : "+") + two(size / 60) + ":" + two(size % 60)};
}

json::object date_object(const memory::ResolvedDate& date) {
  return {{"said", date.said}, {"at", date.at}, {"until", text_or_null(date.until)}, {"rule", date.rule}};
}

json::array ids_of(const std::vector<ItemId>& items) {
  json::array out;
  for (const ItemId& item : items) out.emplace_back(item.text());
  return out;
}

json::array evidence_of(const Extraction& made, std::span<const Segment> segments) {
  json::array out;
  for (const std::size_t number : made.segments) {
    if (number >= segments.size()) continue;  // `verify` says so
    const Segment& segment = segments[number];
    out.push_back(json::object{{"segment", number},
                               {"start_s", seconds(segment.start_ms)},
                               {"end_s", seconds(segment.end_ms)},
                               {"text", transcript::to_valid_utf8(segment.text)}});
  }
  return out;
}

/// An address of the page that opens the item where this was said.
std::string page_of(const ItemId& item, std::int64_t start_ms) {
  std::string address = "/#/items/" + item.text();
  if (start_ms < 0) return address;
  const auto tenths = start_ms / 100;
  return address + "@" + std::to_string(tenths / 10) + "." + std::to_string(tenths % 10);
}

json::object said_object(const SaidText& said) {
  return {{"id", nullptr},
          {"item", said.item.text()},
          {"segments", json::array{said.segment}},
          {"start_s", seconds(said.start_ms)}};
}

json::value degraded_value(const std::optional<Error>& why) {
  if (!why) return nullptr;
  const auto& entry = catalogue::describe(why->code());
  return json::object{{"code", entry.code}, {"message", entry.message}, {"what_to_do", entry.what_to_do}};
}

}  // namespace

json::object shown_extraction(const Extraction& made, const std::optional<RecordedAt>& recorded) {
  json::object out = stages::extraction_object(made);
  const bool action = made.kind == ExtractionKind::action;
  json::array when;
  if (recorded) {
    for (const auto& date : memory::dates_in(made.text, *recorded, action)) when.push_back(date_object(date));
  }
  out["when"] = std::move(when);
  if (!action) return out;
  const auto due = recorded ? memory::resolve_due(made.due, *recorded) : std::nullopt;
  out["due_at"] = due ? text_or_null(due->at) : nullptr;
  out["due_until"] = due ? text_or_null(due->until) : nullptr;
  out["due_rule"] = due ? text_or_null(due->rule) : nullptr;
  return out;
}

json::object session_object(const MemorySession& session) {
  return {{"id", session.item.text()},
          {"job_id", session.job_key},
          {"owner", session.owner},
          {"status", to_word(session.status)},
          {"title", title_value(session.first_words)},
          {"started_at", to_rfc3339(session.started_at)},
          {"utc_offset", offset_value(session.offset)},
          {"duration_s", seconds(session.duration_ms)},
          {"memories_count", session.memories},
          {"action_items_count", session.actions},
          {"same_recording", ids_of(session.same_recording)}};
}

json::object whole_session_object(const MemorySession& session, const ItemRecord& record) {
  json::array memories;
  json::array actions;
  for (const StoredExtraction& stored : record.extractions) {
    json::object one = shown_extraction(stored.made, record.recorded);
    one["id"] = stored.id;
    one["evidence"] = evidence_of(stored.made, record.segments);
    (stored.made.kind == ExtractionKind::memory ? memories : actions).push_back(std::move(one));
  }
  json::object out = session_object(session);
  out["memories"] = std::move(memories);
  out["action_items"] = std::move(actions);
  return out;
}

json::object owned_extraction_object(const OwnedExtraction& owned) {
  json::object out = shown_extraction(owned.stored.made, owned.recorded);
  out["id"] = owned.stored.id;
  out["item"] = owned.item.text();
  out["start_s"] = seconds(owned.start_ms);
  out["also_in"] = ids_of(owned.also_in);
  return out;
}

json::object recalled_object(const similar::Recalled& found, const std::vector<std::string>& words) {
  const bool said = found.said.has_value();
  json::object out = said ? said_object(*found.said) : owned_extraction_object(*found.extraction);
  const ItemId& item = said ? found.said->item : found.extraction->item;
  const std::string& text = said ? found.said->text : found.extraction->stored.made.text;
  out["kind"] = said ? "said" : to_word(found.extraction->stored.made.kind);
  out["snippet"] = memory::snippet_of(text, words);
  json::array why;
  if (found.by_words) why.emplace_back("words");
  if (found.by_meaning) why.emplace_back("meaning");
  out["found_by"] = std::move(why);
  out["similarity"] = found.by_meaning ? json::value(found.similarity) : json::value(nullptr);
  out["score"] = found.score;
  out["page"] = page_of(item, said ? found.said->start_ms : found.extraction->start_ms);
  return out;
}

json::object recall_object(const similar::Recall& recall) {
  json::array data;
  for (const similar::Recalled& one : recall.found) data.push_back(recalled_object(one, recall.words));
  return {{"data", std::move(data)},
          {"mode", recall.degraded ? "words" : "words_and_meaning"},
          {"degraded", degraded_value(recall.degraded)}};
}

}  // namespace holdfast::views
