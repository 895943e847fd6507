#include "core/alert/book.hpp"

#include <algorithm>

namespace holdfast::alert {
namespace {

Event event_of(const Key& key, const Standing& standing, Moment now) {
  return {.rule = key.first,
          .subject = key.second,
          .firing = standing.firing,
          .at = now.wall,
          .since = standing.since,
          .value = standing.value};
}

void begin(Book& book, const Key& key, Moment now) {
  if (book.standings.size() >= Book::kStandingsMax) return;
  book.standings.emplace(key, Standing{.began = now.mono, .since = now.wall});
}

/// Ends it. Returns what is to be told, if anybody has been told that it fires.
std::vector<Event> end(Book& book, std::map<Key, Standing>::iterator standing, Moment now) {
  std::vector<Event> told;
  if (standing->second.firing) told.push_back(event_of(standing->first, standing->second, now));
  for (Event& event : told) event.firing = false;
  book.standings.erase(standing);
  return told;
}

std::vector<Event> follow(Book& book, const Rule& rule, const Reading& reading, Moment now) {
  const Key key{rule.name, reading.subject};
  if (reading.holds == true && !book.standings.contains(key)) begin(book, key, now);
  const auto found = book.standings.find(key);
  if (found == book.standings.end()) return {};
  if (reading.holds == false) return end(book, found, now);
  Standing& standing = found->second;
  if (reading.holds) standing.value = reading.value;
  if (!reading.holds || standing.firing || now.mono - standing.began < rule.lasts) return {};
  standing.firing = true;
  return {event_of(key, standing, now)};
}

bool is_gone(const Key& key, const Rule& rule, const std::vector<Reading>& readings) {
  return key.first == rule.name && std::ranges::find(readings, key.second, &Reading::subject) == readings.end();
}

/// The oldest that fired and is over, both of it; where there is none, the oldest event.
void make_room(Book& book) {
  auto& waiting = book.waiting;
  for (std::size_t over = 0; over < waiting.size(); ++over) {
    if (waiting[over].firing) continue;
    const auto began = [&end = waiting[over]](const Event& event) {
      return event.firing && event.rule == end.rule && event.subject == end.subject;
    };
    const auto upto = waiting.begin() + static_cast<std::ptrdiff_t>(over);
    const auto found = std::find_if(waiting.begin(), upto, began);
    if (found == upto) continue;
    const auto first = found - waiting.begin();
    waiting.erase(upto);  // the later one first: the earlier stays where it is
    waiting.erase(waiting.begin() + first);
    book.dropped += 2;
    return;
  }
  waiting.pop_front();
  book.dropped += 1;
}

}  // namespace

std::vector<Event> advance(Book& book, const Rule& rule, const std::vector<Reading>& readings, Moment now) {
  std::vector<Event> told;
  for (const Reading& reading : readings) {
    for (Event& event : follow(book, rule, reading, now)) told.push_back(std::move(event));
  }
  // What it was about is not there any more: a service that was taken out of the configuration, an empty queue.
  for (auto at = book.standings.begin(); at != book.standings.end();) {
    const auto standing = at++;
    if (!is_gone(standing->first, rule, readings)) continue;
    for (Event& event : end(book, standing, now)) told.push_back(std::move(event));
  }
  return told;
}

void note(Book& book, Event event, bool deliver) {
  book.recent.push_back(event);
  if (book.recent.size() > Book::kRecentMax) book.recent.pop_front();
  if (!deliver) return;
  book.waiting.push_back(std::move(event));
  while (book.waiting.size() > Book::kWaitingMax) make_room(book);
}

}  // namespace holdfast::alert
