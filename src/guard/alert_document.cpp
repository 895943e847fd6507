#include "guard/alert_document.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "guard/kept_document.hpp"

namespace holdfast::guard {
namespace {

namespace json = boost::json;
using alert::Book;
using alert::Event;
using alert::Standing;

std::unexpected<Error> damaged_alerts() {
  return fail(ErrorClass::corrupt, "HF-SVC-03", "the kept alerts cannot be read");
}

std::int64_t to_ms(WallTime time) { return time.time_since_epoch().count(); }

json::object event_object(const Event& event) {
  return {{"id", event.id},         {"alert", event.rule},        {"subject", event.subject},
          {"firing", event.firing}, {"at_ms", to_ms(event.at)}, {"since_ms", to_ms(event.since)},
          {"value", event.value}};
}

json::array events_array(const std::deque<Event>& events) {
  json::array out;
  for (const Event& event : events) out.push_back(event_object(event));
  return out;
}

const json::value* member(const json::value& object, std::string_view name) {
  return object.is_object() ? object.get_object().if_contains(name) : nullptr;
}

std::optional<std::string> text_of(const json::value& object, std::string_view name) {
  const auto* value = member(object, name);
  return value != nullptr && value->is_string() ? std::optional{std::string{value->get_string()}} : std::nullopt;
}

std::optional<bool> flag_of(const json::value& object, std::string_view name) {
  const auto* value = member(object, name);
  return value != nullptr && value->is_bool() ? std::optional{value->get_bool()} : std::nullopt;
}

std::optional<double> number_of(const json::value& object, std::string_view name) {
  const auto* value = member(object, name);
  boost::system::error_code bad;
  const double number = value != nullptr ? value->to_number<double>(bad) : 0;
  return value != nullptr && !bad ? std::optional{number} : std::nullopt;
}

std::optional<WallTime> time_of(const json::value& object, std::string_view name) {
  const auto* value = member(object, name);
  const bool well = value != nullptr && value->is_int64() && value->get_int64() >= 0 && value->get_int64() <= kWallMax;
  return well ? std::optional{WallTime{milliseconds{value->get_int64()}}} : std::nullopt;
}

std::optional<Event> read_event(const json::value& kept) {
  const auto id = text_of(kept, "id");
  const auto rule = text_of(kept, "alert");
  const auto subject = text_of(kept, "subject");
  const auto firing = flag_of(kept, "firing");
  const auto at = time_of(kept, "at_ms");
  const auto since = time_of(kept, "since_ms");
  const auto value = number_of(kept, "value");
  if (!id || !rule || !subject || !firing || !at || !since || !value) return std::nullopt;
  return Event{*id, *rule, *subject, *firing, *at, *since, *value};
}

Result<std::deque<Event>> events_of(const json::value& kept, std::string_view name, std::size_t most) {
  std::deque<Event> out;
  const auto* list = member(kept, name);
  if (list == nullptr || !list->is_array() || list->get_array().size() > most) return damaged_alerts();
  for (const json::value& entry : list->get_array()) {
    auto event = read_event(entry);
    if (!event) return damaged_alerts();
    if (alert::find_rule(event->rule) != nullptr) out.push_back(*std::move(event));
  }
  return out;
}

Result<std::map<alert::Key, Standing>> standings_of(const json::value& kept, alert::Moment now) {
  std::map<alert::Key, Standing> out;
  const auto* list = member(kept, "standings");
  if (list == nullptr || !list->is_array() || list->get_array().size() > Book::kStandingsMax) return damaged_alerts();
  for (const json::value& entry : list->get_array()) {
    const auto name = text_of(entry, "alert");
    const auto subject = text_of(entry, "subject");
    const auto firing = flag_of(entry, "firing");
    const auto since = time_of(entry, "since_ms");
    const auto value = number_of(entry, "value");
    if (!name || !subject || !firing || !since || !value) return damaged_alerts();
    const alert::Rule* rule = alert::find_rule(*name);
    if (rule == nullptr) continue;
    const milliseconds held = std::clamp(now.wall - *since, milliseconds{0}, rule->lasts);
    out[{*name, *subject}] = {.firing = *firing, .began = now.mono - held, .since = *since, .value = *value};
  }
  return out;
}

}  // namespace

std::string write_alerts(const Book& book, alert::Moment now) {
  json::array standings;
  for (const auto& [key, standing] : book.standings) {
    const WallTime since = std::min(standing.since, now.wall);
    standings.push_back(json::object{{"alert", key.first},
                                     {"subject", key.second},
                                     {"firing", standing.firing},
                                     {"since_ms", to_ms(since)},
                                     {"value", standing.value}});
  }
  return json::serialize(json::object{{"standings", std::move(standings)},
                                      {"recent", events_array(book.recent)},
                                      {"waiting", events_array(book.waiting)},
                                      {"dropped", book.dropped},
                                      {"given_up", book.given_up}});
}

Result<Book> read_alerts(std::string_view text, alert::Moment now) {
  json::parse_options options;
  options.max_depth = kKeptDepthMax;
  boost::system::error_code bad;
  const json::value kept = json::parse({text.data(), text.size()}, bad, {}, options);
  const auto dropped = bad ? std::nullopt : number_of(kept, "dropped");
  if (!dropped || *dropped < 0) return damaged_alerts();
  Book book{.dropped = static_cast<std::uint64_t>(*dropped)};
  if (const auto given_up = number_of(kept, "given_up"); given_up && *given_up > 0)  // an older version kept none
    book.given_up = static_cast<std::uint64_t>(*given_up);
  HF_TRY(book.standings, standings_of(kept, now));
  HF_TRY(book.recent, events_of(kept, "recent", Book::kRecentMax));
  HF_TRY(book.waiting, events_of(kept, "waiting", Book::kWaitingMax));
  return book;
}

}  // namespace holdfast::guard
