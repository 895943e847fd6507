#include "core/memory/date_reader.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace holdfast::memory {
namespace {

using std::chrono::days;
using std::chrono::months;
using std::chrono::year_month_day;
using std::chrono::years;

constexpr int kShiftMax = 1000;  ///< "in so many weeks"
constexpr int kYearFirst = 1900;
constexpr int kYearLast = 2199;

year_month_day date_of(int year, unsigned month, unsigned day) {
  return {std::chrono::year{year}, std::chrono::month{month}, std::chrono::day{day}};
}
std::optional<DaySpan> one_day(year_month_day date) {
  return date.ok() ? std::optional{DaySpan{Day{date}, Day{date}}} : std::nullopt;
}
DaySpan one_day(Day day) { return {day, day}; }
DaySpan whole_month(year_month_day within) {
  const auto of = within.year() / within.month();
  return {Day{of / std::chrono::day{1}}, Day{of / std::chrono::last}};
}
DaySpan whole_year(std::chrono::year year) {
  return {Day{year / std::chrono::January / 1}, Day{year / std::chrono::December / 31}};
}
/// 1 Monday to 7 Sunday.
unsigned weekday_number(Day day) { return std::chrono::weekday{day}.iso_encoding(); }
Day monday_of(Day day) { return day - days{weekday_number(day) - 1}; }
Day sunday_of(Day day) { return day - days{weekday_number(day) % 7}; }

bool is_next(std::string_view word) {
  return word == "next" || word == "nächste" || word == "nächsten" || word == "nächster" || word == "nächstes";
}
bool is_this(std::string_view word) {
  return word == "this" || word == "diese" || word == "diesen" || word == "dieser" || word == "dieses";
}
bool is_last(std::string_view word) {
  return word == "last" || word == "letzte" || word == "letzten" || word == "letzter" || word == "letztes";
}
bool is_coming(std::string_view word) { return word == "coming" || word == "kommenden" || word == "kommende"; }

/// Which of three that follow each other: -1, 0, 1; nothing: the word says none.
std::optional<int> step_of(std::string_view word) {
  if (is_next(word) || is_coming(word)) return 1;
  if (is_this(word)) return 0;
  return is_last(word) ? std::optional{-1} : std::nullopt;
}
std::string named(int step, std::string_view what) {
  return std::string{step > 0 ? "next_" : step < 0 ? "last_" : "this_"} + std::string{what};
}

}  // namespace

std::string_view DateReader::word(std::size_t at) const {
  return at < tokens_.size() && tokens_[at].number < 0 ? std::string_view{tokens_[at].text} : std::string_view{};
}

bool DateReader::is(std::size_t at, Words words) const {
  const auto here = word(at);
  return !here.empty() && std::ranges::find(words, here) != words.end();
}

DateMatch DateReader::found(std::size_t at, std::size_t count, std::optional<DaySpan> days, std::string rule) const {
  return {.at = at, .count = count, .days = days, .rule = std::move(rule)};
}

std::vector<DateMatch> DateReader::read() const {
  std::vector<DateMatch> all;
  for (std::size_t at = 0; at < tokens_.size();) {
    auto here = match(at);
    if (!here) {
      ++at;
      continue;
    }
    if (spoiled(*here)) here->days = std::nullopt, here->time = std::nullopt;
    at += here->count;
    all.push_back(*std::move(here));
  }
  return all;
}

std::optional<DateMatch> DateReader::match(std::size_t at) const {
  using Rule = std::optional<DateMatch> (DateReader::*)(std::size_t) const;
  constexpr std::array<Rule, 9> kRules{&DateReader::in_digits, &DateReader::so_long, &DateReader::the_end,
                                       &DateReader::day_of_month, &DateReader::day_word, &DateReader::period,
                                       &DateReader::weekday, &DateReader::month, &DateReader::time_of_day};
  for (const Rule rule : kRules) {
    if (auto made = (this->*rule)(at)) return made;
  }
  return std::nullopt;
}

/// Words beside a day that make another one of it, or no certain one: "the week after Friday", "every Friday",
/// "Friday or Saturday", "early May", "Friday week".
bool DateReader::spoiled(const DateMatch& match) const {
  std::size_t before = match.at;
  while (before > 0 && is(before - 1, {"the", "of", "on", "den", "der", "am"})) --before;
  const bool vague = before > 0 && is(before - 1, {"beginning", "start", "middle", "mid", "early", "late", "around",
                                                   "every", "each", "most", "any", "not", "or", "between", "anfang",
                                                   "mitte", "jeden", "jede", "nicht", "oder", "zwischen", "gegen"});
  const bool counted = before > 1 && is(before - 1, {"before", "after", "from", "following", "vor", "nach", "ab"}) &&
                       unit_of(word(before - 2));
  const std::size_t behind = match.at + match.count;
  const bool another = is(behind, {"week", "fortnight", "or", "oder"}) ||
                       (is(behind, {"after"}) && is(behind + 1, {"next", "that", "this"}));
  return vague || counted || another;
}

/// "2027-05-03", "3.5.2027"; "25/12/2026", where only one of both orders is a day.
std::optional<DateMatch> DateReader::in_digits(std::size_t at) const {
  const int first = number(at);
  const int second = number(at + 1);
  const int third = number(at + 2);
  if (first < 0 || second < 1 || third < 1) return std::nullopt;
  const auto all_joined = [&](char sign) { return joined(at + 1, sign) && joined(at + 2, sign); };
  const auto part = [](int value) { return static_cast<unsigned>(value); };
  if (all_joined('-') && first >= kYearFirst)
    return found(at, 3, one_day(date_of(first, part(second), part(third))), "date");
  if (third < kYearFirst || first > 31) return std::nullopt;
  if (all_joined('.')) return found(at, 3, one_day(date_of(third, part(second), part(first))), "date");
  if (!all_joined('/')) return std::nullopt;
  auto made = one_day(date_of(third, part(second), part(first)));
  const auto other = one_day(date_of(third, part(first), part(second)));
  if (made && other && made != other) made = std::nullopt;
  return found(at, 3, made ? made : (other && second > 12 ? other : std::nullopt), "date");
}

/// "in two weeks", "within 3 days", "two days ago", "vor zwei Tagen".
std::optional<DateMatch> DateReader::so_long(std::size_t at) const {
  const bool forward = is(at, {"in", "within", "innerhalb"});
  const bool german_back = is(at, {"vor"});
  std::size_t next = forward || german_back ? at + 1 : at;
  if (forward) next = skip(next, {"von"});
  const auto value = number(next) >= 0 ? std::optional{number(next)} : number_of_word(word(next));
  const auto unit = unit_of(word(next + 1));
  if (!value || !unit || *value > kShiftMax || tokens_[next].ordinal) return std::nullopt;
  next += 2;
  const bool back = german_back || (!forward && is(next, {"ago"}));
  if (!forward && !back) return std::nullopt;
  if (back && !german_back) ++next;
  return shifted(at, next - at, back ? -*value : *value, *unit);
}

DateMatch DateReader::shifted(std::size_t at, std::size_t count, int by, DateUnit unit) const {
  static constexpr std::array<std::string_view, 6> kUnits{"minutes", "hours", "days", "weeks", "months", "years"};
  std::string rule = std::string{kUnits.at(std::to_underlying(unit))} + (by < 0 ? "_ago" : "_ahead");
  const year_month_day date{today_.day};
  switch (unit) {
    case DateUnit::minute:
    case DateUnit::hour: {
      const auto then = today_.day + today_.time + minutes{unit == DateUnit::hour ? by * 60 : by};
      const auto day = std::chrono::floor<days>(then);
      DateMatch made = found(at, count, one_day(Day{day}), std::move(rule));
      made.time = std::chrono::duration_cast<minutes>(then - day);
      return made;
    }
    case DateUnit::day:
      return found(at, count, one_day(today_.day + days{by}), std::move(rule));
    case DateUnit::week:
      return found(at, count, one_day(today_.day + days{7 * by}), std::move(rule));
    case DateUnit::month:
      return found(at, count, one_day(date + months{by}), std::move(rule));  // none of the 31st: no day
    case DateUnit::year:
      return found(at, count, one_day(date + years{by}), std::move(rule));
  }
  return found(at, count, std::nullopt, std::move(rule));
}

/// "the end of the month", "end of May", "Ende des Monats", "Monatsende". The end of a week is Friday or Sunday.
std::optional<DateMatch> DateReader::the_end(std::size_t at) const {
  const auto last = [](DaySpan span) { return one_day(span.last); };
  const year_month_day date{today_.day};
  if (is(at, {"monatsende"})) return found(at, 1, last(whole_month(date)), "end_of_month");
  if (is(at, {"jahresende"})) return found(at, 1, last(whole_year(date.year())), "end_of_year");
  if (!is(at, {"end", "ende"})) return std::nullopt;
  std::size_t next = at + 1;
  while (is(next, {"of", "the", "des"})) ++next;
  if (next == at + 1 && is(at, {"end"})) return std::nullopt;
  const int step = step_of(word(next)).value_or(0);
  if (step_of(word(next))) ++next;
  const std::size_t count = next + 1 - at;
  if (is(next, {"day", "today", "tages"}) && step == 0) return found(at, count, one_day(today_.day), "end_of_day");
  const auto within = date.year() / date.month() / 1 + months{step};
  if (is(next, {"month", "monats"})) return found(at, count, last(whole_month(within)), "end_of_month");
  if (is(next, {"year", "jahres"})) return found(at, count, last(whole_year(date.year() + years{step})), "end_of_year");
  if (is(next, {"week", "woche", "weekend"})) return found(at, count, std::nullopt, "end_of_week");
  const auto month = month_at(next, true);
  if (!month) return std::nullopt;
  const auto stated = year_at(next + 1);
  auto year = stated ? stated : year_of(*month);
  if (!year && today_.ahead) year = static_cast<int>(date.year());  // it is this month
  const std::size_t tokens = count + (stated ? 1 : 0);
  if (!year) return found(at, tokens, std::nullopt, "end_of_month");
  return found(at, tokens, last(whole_month(date_of(*year, *month, 1))), "end_of_month");
}

std::optional<DateReader::Count> DateReader::day_number(std::size_t at) const {
  if (number(at) >= 1 && number(at) <= 31) return Count{number(at), 1};
  const auto single = ordinal_of_word(word(at));
  if (single) return Count{*single, 1};
  const int tens = is(at, {"twenty"}) ? 20 : is(at, {"thirty"}) ? 30 : 0;
  const auto ones = ordinal_of_word(word(at + 1));
  if (tens > 0 && ones && *ones < 10) return Count{tens + *ones, 2};
  return std::nullopt;
}

/// "may" and "march" are words as well: a month only where they are written like a name, or it is `certain`.
std::optional<unsigned> DateReader::month_at(std::size_t at, bool certain) const {
  const auto month = month_of(word(at));
  const bool word_too = is(at, {"may", "march"});
  if (!month || (word_too && !certain && !tokens_[at].capitalised)) return std::nullopt;
  return month;
}

std::optional<int> DateReader::year_at(std::size_t at) const {
  const int year = number(at);
  if (year < kYearFirst || year > kYearLast || tokens_[at].ordinal) return std::nullopt;
  return year;
}

/// The year in which a month lies ahead; nothing: it is this month, or nothing says that it lies ahead.
std::optional<int> DateReader::year_of(unsigned month) const {
  const year_month_day date{today_.day};
  const auto now = static_cast<unsigned>(date.month());
  if (!today_.ahead || month == now) return std::nullopt;
  return static_cast<int>(date.year()) + (month < now ? 1 : 0);
}

/// The one that lies ahead; today could be meant as well as that of next year.
std::optional<DaySpan> DateReader::day_in(unsigned month, unsigned day, std::optional<unsigned> weekday) const {
  if (!today_.ahead) return std::nullopt;
  const int year = static_cast<int>(year_month_day{today_.day}.year());
  std::optional<DaySpan> chosen;
  for (const int candidate : {year, year + 1}) {
    const auto there = one_day(date_of(candidate, month, day));
    if (there && there->first == today_.day) return std::nullopt;
    if (!there || there->first < today_.day || (weekday && weekday_number(there->first) != *weekday)) continue;
    if (!chosen) chosen = there;
  }
  return chosen;
}

/// "the third of May", "Friday, May 3rd, 2027", "am 3. Mai".
std::optional<DateMatch> DateReader::day_of_month(std::size_t at) const {
  const auto weekday = weekday_of(word(at));
  std::size_t next = weekday ? at + 1 : at;
  while (is(next, {"the", "den", "der", "dem"})) ++next;
  std::optional<Count> day = day_number(next);
  std::optional<unsigned> month;
  if (day) {
    next += day->tokens;
    const bool of = is(next, {"of"});
    next = of ? next + 1 : next;
    month = month_at(next, of);
    ++next;
  } else if (month = month_at(next, false); month) {
    next = skip(next + 1, {"the"});
    day = day_number(next);
    if (day) next += day->tokens;
  }
  if (!day || !month) return std::nullopt;
  const auto year = year_at(next);
  const auto number = static_cast<unsigned>(day->value);
  const std::size_t count = next + (year ? 1 : 0) - at;
  if (!year) return found(at, count, day_in(*month, number, weekday), "day_of_month");
  auto days = one_day(date_of(*year, *month, number));
  if (days && weekday && weekday_number(days->first) != *weekday) days = std::nullopt;
  return found(at, count, days, "date");
}

std::size_t DateReader::with_part_of_day(std::size_t at) const {
  return skip(at, {"morning", "afternoon", "evening", "night", "noon", "morgen", "vormittag", "mittag", "nachmittag",
                   "abend", "früh"});
}

/// "tomorrow", "the day after tomorrow", "this evening", "heute Abend".
std::optional<DateMatch> DateReader::day_word(std::size_t at) const {
  const auto day = [&](std::size_t count, int by, std::string rule) {
    return found(at, with_part_of_day(at + count) - at, one_day(today_.day + days{by}), std::move(rule));
  };
  if (is(at, {"day"}) && is(at + 1, {"after"}) && is(at + 2, {"tomorrow"})) return day(3, 2, "day_after_tomorrow");
  if (is(at, {"day"}) && is(at + 1, {"before"}) && is(at + 2, {"yesterday"})) return day(3, -2, "day_before_yesterday");
  if (is(at, {"this"}) && is(at + 1, {"morning", "afternoon", "evening"})) return day(2, 0, "today");
  if (is(at, {"today", "tonight", "heute"})) return day(1, 0, "today");
  const bool morning = at > 0 && is(at - 1, {"am", "guten", "jeden", "diesen", "gegen", "bis"});
  if (is(at, {"tomorrow"}) || (is(at, {"morgen"}) && !morning)) return day(1, 1, "tomorrow");
  if (is(at, {"yesterday", "gestern"})) return day(1, -1, "yesterday");
  if (is(at, {"übermorgen"})) return day(1, 2, "day_after_tomorrow");
  if (is(at, {"vorgestern"})) return day(1, -2, "day_before_yesterday");
  return std::nullopt;
}

/// "next week": Monday to Sunday, and on a Sunday nobody knows. "this month", "next year", "the weekend".
std::optional<DateMatch> DateReader::period(std::size_t at) const {
  const bool sunday = weekday_number(today_.day) == 7;
  if (is(at, {"weekend", "wochenende"})) {
    const Day saturday = monday_of(today_.day) + days{5};
    const bool certain = today_.ahead && today_.day < saturday && (at == 0 || !step_of(word(at - 1)).value_or(0));
    return found(at, 1, certain ? std::optional{DaySpan{saturday, saturday + days{1}}} : std::nullopt, "weekend");
  }
  const auto step = step_of(word(at));
  if (!step) return std::nullopt;
  const year_month_day date{today_.day};
  if (is(at + 1, {"week", "woche"})) {
    const Day monday = monday_of(today_.day) + days{7 * *step};
    return found(at, 2, sunday ? std::nullopt : std::optional{DaySpan{monday, monday + days{6}}}, named(*step, "week"));
  }
  if (is(at + 1, {"month", "monat"}))
    return found(at, 2, whole_month(date.year() / date.month() / 1 + months{*step}), named(*step, "month"));
  if (is(at + 1, {"year", "jahr"})) return found(at, 2, whole_year(date.year() + years{*step}), named(*step, "year"));
  return std::nullopt;
}

/// A weekday with "next" is the coming one for some and that of the next week for others, and weeks begin on a Monday
/// or a Sunday: it is resolved where all of them agree.
std::optional<DaySpan> DateReader::weekday_as(std::string_view which, unsigned weekday) const {
  const Day today = today_.day;
  const unsigned distance = (weekday + 7 - weekday_number(today)) % 7;
  const Day coming = today + days{distance == 0 ? 7 : distance};
  if (is_coming(which)) return one_day(coming);
  const auto step = step_of(which);
  if (!step) return today_.ahead && distance != 0 ? std::optional{one_day(coming)} : std::nullopt;
  const Day by_monday = monday_of(today) + days{7 * *step + static_cast<int>(weekday) - 1};
  const Day by_sunday = sunday_of(today) + days{7 * *step + static_cast<int>(weekday % 7)};
  const Day nearest = *step < 0 ? today - days{distance == 0 ? 7 : 7 - distance} : coming;
  return by_monday == by_sunday && by_monday == nearest ? std::optional{one_day(nearest)} : std::nullopt;
}

std::optional<DateMatch> DateReader::weekday(std::size_t at) const {
  const bool marked = step_of(word(at)).has_value();
  const auto day = weekday_of(word(marked ? at + 1 : at));
  if (!day) return std::nullopt;
  const std::string_view which = marked ? word(at) : std::string_view{};
  std::string rule = "weekday_ahead";
  if (marked && !is_coming(which)) rule = named(*step_of(which), "weekday");
  const std::size_t end = with_part_of_day(at + (marked ? 2 : 1));
  return found(at, end - at, weekday_as(which, *day), std::move(rule));
}

/// "in May", "im Mai 2027".
std::optional<DateMatch> DateReader::month(std::size_t at) const {
  if (!is(at, {"in", "im"})) return std::nullopt;
  const auto month = month_at(at + 1, true);
  if (!month) return std::nullopt;
  const auto stated = year_at(at + 2);
  const auto year = stated ? stated : year_of(*month);
  std::optional<DaySpan> days;
  if (year) days = whole_month(date_of(*year, *month, 1));
  return found(at, stated ? 3 : 2, days, "month");
}

/// The hour as 24 of them are counted. Nothing: whether it is before or after noon was not said.
std::optional<int> DateReader::hour_of(std::size_t at, int hour, std::size_t* count) const {
  std::size_t next = skip(at, {"oclock"});
  const bool letters = is(next, {"a", "p"}) && is(next + 1, {"m"});
  const bool evening = is(next, {"pm", "nachmittags", "abends"}) || (letters && is(next, {"p"}));
  const bool morning = is(next, {"am", "morgens", "früh", "vormittags"}) || (letters && is(next, {"a"}));
  if (evening || morning) next += letters ? 2 : 1;
  const std::size_t part = skip(skip(next, {"in"}), {"the", "at"});
  const bool spoken_evening = !evening && !morning && is(part, {"afternoon", "evening"}) && part == next + 2;
  const bool spoken_morning = !evening && !morning && is(part, {"morning"}) && part == next + 2;
  if (spoken_evening || spoken_morning) next = part + 1;
  *count = next - at;
  if ((evening || spoken_evening) && hour >= 1 && hour <= 12) return hour == 12 ? 12 : hour + 12;
  if ((morning || spoken_morning) && hour >= 1 && hour < 12) return hour;
  return hour >= 13 && hour <= 23 ? std::optional{hour} : std::nullopt;
}

/// "at 5 pm", "at five in the afternoon", "17:30", "um 17 Uhr", "noon".
std::optional<DateMatch> DateReader::time_of_day(std::size_t at) const {
  DateMatch made{.at = at, .count = 1, .rule = "time", .is_time = true};
  if (is(at, {"noon"})) {
    made.time = minutes{12 * 60};
    return made;
  }
  const bool led = is(at, {"at", "um"});
  std::size_t next = led ? at + 1 : at;
  const auto hour = number(next) >= 0 ? std::optional{number(next)} : led ? number_of_word(word(next)) : std::nullopt;
  if (!hour || *hour > 24 || is(next, {"a", "an"})) return std::nullopt;
  ++next;
  int minute = 0;
  const bool colon = number(next) >= 0 && number(next) < 60 && joined(next, ':');
  if (colon) minute = number(next++);
  const bool german = is(next, {"uhr"});
  if (german) ++next;
  std::size_t count = 0;
  const auto resolved = hour_of(next, *hour, &count);
  if (!led && !colon && !german && count == 0) return std::nullopt;
  made.count = next + count - at;
  if (resolved) made.time = minutes{*resolved * 60 + minute};
  return made;
}

}  // namespace holdfast::memory
