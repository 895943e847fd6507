#include "flow/views/memory_view.hpp"

#include <boost/json.hpp>

#include "core/base/rfc3339.hpp"
#include "core/grounding/clean.hpp"
#include "core/memory/grounded.hpp"
#include "core/transcript/text.hpp"
#include "flow/stages/extraction_json.hpp"

namespace holdfast::views {
namespace {

namespace json = boost::json;

constexpr std::size_t kFirstWordsMax = 200;  ///< of which the title is cut

json::value seconds(std::int64_t time_ms) {
  if (time_ms < 0) return nullptr;
  return static_cast<double>(time_ms) / 1000;
}

json::value title_value(const std::string& first_words) {
  const std::string title = memory::title_of(grounding::clean_text(first_words, kFirstWordsMax));
  return title.empty() ? json::value(nullptr) : json::value(json::string{title});
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

}  // namespace

json::object session_object(const MemorySession& session) {
  return {{"id", session.item.text()},
          {"job_id", session.job_key},
          {"owner", session.owner},
          {"status", to_word(session.status)},
          {"title", title_value(session.first_words)},
          {"started_at", to_rfc3339(session.started_at)},
          {"duration_s", seconds(session.duration_ms)},
          {"memories_count", session.memories},
          {"action_items_count", session.actions}};
}

json::object whole_session_object(const MemorySession& session, const ItemRecord& record) {
  json::array memories;
  json::array actions;
  for (const StoredExtraction& stored : record.extractions) {
    json::object one = stages::extraction_object(stored.made);
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
  json::object out = stages::extraction_object(owned.stored.made);
  out["id"] = owned.stored.id;
  out["item"] = owned.item.text();
  out["start_s"] = seconds(owned.start_ms);
  return out;
}

}  // namespace holdfast::views
