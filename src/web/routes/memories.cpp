#include <boost/json.hpp>
#include <charconv>

#include "core/grounding/clean.hpp"
#include "flow/views/memory_view.hpp"
#include "web/paging.hpp"
#include "web/routes/routes.hpp"

/// What was taken out of recordings: sessions, and action items over all of them.
namespace holdfast::web {
namespace {

namespace json = boost::json;

constexpr std::string_view kSessionsMark = "memories";
constexpr std::string_view kActionsMark = "action-items";

std::unexpected<Error> bad_cursor() {
  return fail(ErrorClass::invalid, "HF-REQ-01", "the cursor does not belong to this list");
}

Result<std::int64_t> number_of(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc{} || end != text.data() + text.size()) return bad_cursor();
  return number;
}

/// A place in the list: "milliseconds.item".
std::string text_of(const MemorySession& last) {
  return std::to_string(last.started_at.time_since_epoch().count()) + "." + last.item.text();
}

Result<std::optional<SessionMark>> session_mark_of(std::string_view text) {
  if (text.empty()) return std::nullopt;
  const auto dot = text.find('.');
  if (dot == std::string_view::npos) return bad_cursor();
  HF_TRY(const std::int64_t at, number_of(text.substr(0, dot)));
  return SessionMark{.started_at = WallTime{milliseconds{at}}, .item = ItemId{std::string{text.substr(dot + 1)}}};
}

Task<Result<Response>> list_sessions(Context* context, Exchange* exchange) {
  HF_CO_TRY(const unsigned limit, parse_limit(exchange->target));
  HF_CO_TRY(const std::string place, parse_cursor(exchange->target, kSessionsMark));
  SessionQuery query{.owner = exchange->principal.owner, .limit = limit + 1};  // tells whether there is a next page
  HF_CO_TRY(query.after, session_mark_of(place));
  HF_CO_TRY(std::vector<MemorySession> sessions, co_await context->deps.sessions.sessions(std::move(query)));
  const bool more = sessions.size() > limit;
  if (more) sessions.resize(limit);
  json::array data;
  for (const MemorySession& session : sessions) data.push_back(views::session_object(session));
  const std::string cursor = more ? make_cursor(kSessionsMark, text_of(sessions.back())) : std::string{};
  co_return page_response("/api/v1/memories", exchange->target, std::move(data), cursor);
}

Task<Result<Response>> get_session(Context* context, Exchange* exchange) {
  HF_CO_TRY(const Job job, co_await find_item(context, exchange));
  HF_CO_TRY(const auto session, co_await context->deps.sessions.session(job.id));
  if (!session) co_return fail(ErrorClass::not_found, "HF-ITM-06", "nothing is remembered of this item");
  HF_CO_TRY(const ItemRecord record, co_await read_record(context, job.id));
  co_return json_response(200, views::whole_session_object(*session, record));
}

Task<Result<Response>> list_actions(Context* context, Exchange* exchange) {
  HF_CO_TRY(const unsigned limit, parse_limit(exchange->target));
  HF_CO_TRY(const std::string place, parse_cursor(exchange->target, kActionsMark));
  HF_CO_TRY(const std::int64_t before, number_of(place.empty() ? "0" : place));
  ExtractionQuery query{.owner = exchange->principal.owner,
                        .kind = ExtractionKind::action,
                        .before = static_cast<std::uint64_t>(std::max<std::int64_t>(before, 0)),
                        .limit = limit + 1};
  HF_CO_TRY(std::vector<OwnedExtraction> found, co_await context->deps.sessions.extractions(std::move(query)));
  const bool more = found.size() > limit;
  if (more) found.resize(limit);
  json::array data;
  for (const OwnedExtraction& one : found) data.push_back(views::owned_extraction_object(one));
  const std::string cursor = more ? make_cursor(kActionsMark, std::to_string(found.back().stored.id)) : std::string{};
  co_return page_response("/api/v1/action-items", exchange->target, std::move(data), cursor);
}

/// What is searched is text of somebody: no byte of it is syntax. A longer one is refused rather than cut.
constexpr std::size_t kRequestBytes = 1000;
constexpr unsigned kFoundDefault = 20;

Task<Result<Response>> search(Context* context, Exchange* exchange) {
  HF_CO_TRY(const unsigned limit, parse_limit(exchange->target));
  std::string text = exchange->target.query_value("q");
  if (text.size() > kRequestBytes) co_return fail(ErrorClass::invalid, "HF-REQ-01", "q is at most 1000 bytes long");
  similar::RecallQuery query{.owner = exchange->principal.owner,
                             .text = grounding::clean_text(text, kRequestBytes),
                             .limit = exchange->target.query_value("limit").empty() ? kFoundDefault : limit};
  const similar::RecallDeps deps{context->deps.sessions, context->deps.remembered, context->clock()};
  auto recalling = similar::recall(deps, std::move(query));
  HF_CO_TRY(const similar::Recall found, co_await std::move(recalling));
  co_return json_response(200, views::recall_object(found));
}

constexpr Parameter kWanted{"q", "query", "string", "What is looked for, at most 1000 bytes. None of it is syntax."};
constexpr Parameter kFoundLimit{"limit", "query", "integer", "At most so many, 1 to 200; 20 if nothing is said."};

}  // namespace

void add_memory_routes(std::vector<Route>& table) {
  table.push_back({.method = "GET",  // before {id}, which would match as well
                   .path = "/api/v1/memories/search",
                   .operation = "searchMemories",
                   .summary = "What your own recordings hold of these words, or what means nearly the same, best "
                              "first.",
                   .parameters = {kWanted, kFoundLimit},
                   .replies = {{200, "What was found, and whether meanings were compared.", "application/json",
                                "MemorySearch"}},
                   .handler = &search});
  table.push_back({.method = "GET",
                   .path = "/api/v1/memories",
                   .operation = "listMemorySessions",
                   .summary = "Your own recordings of which memories are kept, the newest recording first.",
                   .parameters = {kPageLimit, kPageCursor},
                   .replies = {{200, "One page; the last one has no next_cursor.", "application/json",
                                "MemorySessionList"}},
                   .handler = &list_sessions});
  table.push_back({.method = "GET",
                   .path = "/api/v1/memories/{id}",
                   .operation = "getMemorySession",
                   .summary = "One recording with its memories and action items, each with the words it comes from.",
                   .parameters = {kItemId},
                   .replies = {{200, "The session as far as it is.", "application/json", "WholeMemorySession"},
                               kNoSuchItem},
                   .handler = &get_session});
  table.push_back({.method = "GET",
                   .path = "/api/v1/action-items",
                   .operation = "listActionItems",
                   .summary = "What is to be done, out of all your own recordings, found last first.",
                   .parameters = {kPageLimit, kPageCursor},
                   .replies = {{200, "One page; the last one has no next_cursor.", "application/json",
                                "ActionItemList"}},
                   .handler = &list_actions});
}

}  // namespace holdfast::web
