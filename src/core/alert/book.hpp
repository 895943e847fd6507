#pragma once

#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/alert/reading.hpp"

namespace holdfast::alert {

/// What holds and is not over. What is inactive has no standing.
struct Standing {
  bool firing = false;  ///< false: pending, it has not held for long enough
  MonoTime began{};     ///< when it began to hold, to measure by
  WallTime since{};     ///< the same, for people
  double value = 0;     ///< as looked at last
};

/// Somebody is to be told that an alert began or ended to fire.
struct Event {
  std::string id{};  ///< the same however often it is delivered
  std::string rule{};
  std::string subject{};
  bool firing = false;  ///< false: resolved
  WallTime at{};
  WallTime since{};  ///< when it began to hold
  double value = 0;
};

/// The name of a rule, and what it is about.
using Key = std::pair<std::string, std::string>;

/// Everything about alerts that is kept over a restart.
struct Book {
  std::map<Key, Standing> standings{};
  std::deque<Event> recent{};   ///< oldest first
  std::deque<Event> waiting{};  ///< to be delivered, oldest first
  std::uint64_t dropped = 0;    ///< events that were never delivered because too many waited
  std::uint64_t given_up = 0;   ///< events that whom they were for refused

  static constexpr std::size_t kStandingsMax = 64;
  static constexpr std::size_t kRecentMax = 50;
  static constexpr std::size_t kWaitingMax = 128;
};

struct Moment {
  MonoTime mono{};
  WallTime wall{};
};

/// Puts into the book what a rule read now, and returns what began or ended to fire: without ids, and not noted.
/// inactive -> pending when it holds, -> firing when it has held for `rule.lasts`, -> inactive when it does not hold;
/// what cannot be known leaves everything as it is. More than kStandingsMax are not begun.
std::vector<Event> advance(Book& book, const Rule& rule, const std::vector<Reading>& readings, Moment now);

/// Notes what happened: in `recent`, and to be delivered if somebody is there who wants it. The oldest alerts that are
/// over go first when too many wait, both that they fired and that they do no longer.
void note(Book& book, Event event, bool deliver);

}  // namespace holdfast::alert
