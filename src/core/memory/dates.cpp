#include "core/memory/dates.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <span>

#include "core/grounding/clean.hpp"
#include "core/memory/date_reader.hpp"

namespace holdfast::memory {
namespace {

constexpr std::size_t kReadCharacters = 400;  ///< what stands beyond is not read

Today today_of(const RecordedAt& recorded, bool ahead) {
  const auto local = std::chrono::floor<minutes>(recorded.at) + recorded.offset.value_or(minutes{0});
  const auto day = std::chrono::floor<std::chrono::days>(local);
  return {.day = Day{day}, .time = local - day, .ahead = ahead};
}

std::string text_of(Day day) {
  const std::chrono::year_month_day date{day};
  std::array<char, 48> text{};
  const int length = std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", static_cast<int>(date.year()),
                                   static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  return {text.data(), static_cast<std::size_t>(length)};
}

std::string two(long long value) { return (value < 10 ? "0" : "") + std::to_string(value); }

std::string text_of(minutes time, std::optional<minutes> offset) {
  std::string text = "T" + two(time.count() / 60) + ":" + two(time.count() % 60) + ":00";
  if (!offset) return text + "Z";
  const long long size = std::abs(offset->count());
  return text + (offset->count() < 0 ? "-" : "+") + two(size / 60) + ":" + two(size % 60);
}

/// A year of four digits: what lies beyond has no such form.
bool can_be_written(DaySpan days) {
  const auto fits = [](Day day) {
    const int year = static_cast<int>(std::chrono::year_month_day{day}.year());
    return year >= 0 && year <= 9999;
  };
  return fits(days.first) && fits(days.last);
}

/// What is read of one sentence.
struct ReadText {
  std::string text;
  std::vector<DateToken> tokens;
  std::vector<DateMatch> days;
  std::vector<DateMatch> times;
};

ReadText read_text(std::string_view raw, Today today) {
  ReadText read;
  read.text = grounding::clean_text(raw, kReadCharacters);
  read.tokens = date_tokens(read.text);
  for (DateMatch& match : DateReader{read.tokens, today}.read())
    (match.is_time ? read.times : read.days).push_back(std::move(match));
  return read;
}

/// The match as it is shown, with the time of day that goes with it.
std::optional<ResolvedDate> shown(const ReadText& read, const DateMatch& match, const DateMatch* time,
                                  const RecordedAt& recorded) {
  if (!match.days || !can_be_written(*match.days)) return std::nullopt;
  const DaySpan days = *match.days;
  const std::size_t last = match.at + match.count - 1;
  const std::size_t begin = read.tokens[match.at].begin;
  ResolvedDate made{.said = read.text.substr(begin, read.tokens[last].end - begin),
                    .at = text_of(days.first),
                    .until = {},
                    .rule = match.rule};
  if (days.first != days.last) {
    made.until = text_of(days.last);
  } else if (match.time) {
    made.at += text_of(*match.time, recorded.offset);
  } else if (time != nullptr && time->time) {
    made.at += text_of(*time->time, recorded.offset);
    made.rule += "+time";
  }
  return made;
}

/// A time alone is one of today, if that is still to come.
std::optional<ResolvedDate> time_today(const ReadText& read, Today today, const RecordedAt& recorded) {
  if (read.times.size() != 1 || !read.days.empty() || !today.ahead) return std::nullopt;
  DateMatch match = read.times.front();
  if (!match.time || *match.time <= today.time) return std::nullopt;
  match.days = DaySpan{today.day, today.day};
  match.rule = "time_today";
  return shown(read, match, nullptr, recorded);
}

const DateMatch* only_time(const ReadText& read) { return read.times.size() == 1 ? &read.times.front() : nullptr; }

bool looks_ahead(const std::vector<DateToken>& tokens) {
  constexpr auto kAhead = std::to_array<std::string_view>(
      {"will", "going", "must", "should", "shall", "need", "needs", "until", "deadline", "due", "wird", "werden",
       "muss", "müssen", "soll", "sollen"});
  constexpr auto kBehind = std::to_array<std::string_view>(
      {"was", "were", "did", "had", "ago", "yesterday", "last", "war", "waren", "hatte", "hatten", "gestern"});
  const auto says = [&](std::span<const std::string_view> words) {
    return std::ranges::any_of(tokens, [&](const DateToken& token) {
      return std::ranges::find(words, std::string_view{token.text}) != words.end();
    });
  };
  return says(kAhead) && !says(kBehind);
}

}  // namespace

std::optional<ResolvedDate> resolve_due(std::string_view due, const RecordedAt& recorded) {
  const Today today = today_of(recorded, true);
  const ReadText read = read_text(due, today);
  if (read.days.empty()) return time_today(read, today, recorded);
  const auto same = [&](const DateMatch& match) { return match.days && match.days == read.days.front().days; };
  const bool no_deadline = std::ranges::any_of(read.tokens, [](const DateToken& token) {
    return token.text == "after" || token.text == "not" || token.text == "nach" || token.text == "nicht";
  });
  const bool after_tomorrow = read.days.front().rule == "day_after_tomorrow";
  if (!std::ranges::all_of(read.days, same) || (no_deadline && !after_tomorrow)) return std::nullopt;
  return shown(read, read.days.front(), only_time(read), recorded);
}

std::vector<ResolvedDate> dates_in(std::string_view text, const RecordedAt& recorded, bool ahead) {
  const bool future = ahead || looks_ahead(date_tokens(text));
  const Today today = today_of(recorded, future);
  const ReadText read = read_text(text, today);
  std::vector<ResolvedDate> dates;
  const DateMatch* time = read.days.size() == 1 ? only_time(read) : nullptr;
  for (const DateMatch& match : read.days) {
    if (auto made = shown(read, match, time, recorded)) dates.push_back(*std::move(made));
  }
  if (auto made = time_today(read, today, recorded)) dates.push_back(*std::move(made));
  return dates;
}

}  // namespace holdfast::memory
