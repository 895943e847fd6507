#pragma once

#include <chrono>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/memory/date_words.hpp"

/// Finds words that name days or times in a sentence, and which ones they are. A part of dates.cpp.
namespace holdfast::memory {

using Day = std::chrono::sys_days;  ///< as calendars show it where the recording was made
using std::chrono::minutes;

struct Today {
  Day day{};
  minutes time{};
  bool ahead = false;  ///< what is named lies ahead
};

struct DaySpan {
  Day first{};
  Day last{};
  friend bool operator==(const DaySpan&, const DaySpan&) = default;
};

/// Words that name days, or a time of day. Neither: they name something that can mean two.
struct DateMatch {
  std::size_t at = 0;     ///< of the tokens
  std::size_t count = 0;  ///< tokens that it takes
  std::optional<DaySpan> days{};
  std::optional<minutes> time{};
  std::string rule{};
  bool is_time = false;  ///< a time of day by itself
};

class DateReader {
 public:
  DateReader(const std::vector<DateToken>& tokens, Today today) : tokens_{tokens}, today_{today} {}

  /// All of the sentence, in its order.
  [[nodiscard]] std::vector<DateMatch> read() const;

 private:
  using Words = std::initializer_list<std::string_view>;
  [[nodiscard]] std::string_view word(std::size_t at) const;
  [[nodiscard]] bool is(std::size_t at, Words words) const;
  [[nodiscard]] std::size_t skip(std::size_t at, Words words) const { return is(at, words) ? at + 1 : at; }
  [[nodiscard]] int number(std::size_t at) const { return at < tokens_.size() ? tokens_[at].number : -1; }
  [[nodiscard]] bool joined(std::size_t at, char sign) const {
    return at < tokens_.size() && tokens_[at].joined == sign;
  }

  [[nodiscard]] std::optional<DateMatch> match(std::size_t at) const;
  [[nodiscard]] std::optional<DateMatch> in_digits(std::size_t at) const;
  [[nodiscard]] std::optional<DateMatch> so_long(std::size_t at) const;
  [[nodiscard]] std::optional<DateMatch> the_end(std::size_t at) const;
  [[nodiscard]] std::optional<DateMatch> day_of_month(std::size_t at) const;
  [[nodiscard]] std::optional<DateMatch> day_word(std::size_t at) const;
  [[nodiscard]] std::optional<DateMatch> period(std::size_t at) const;
  [[nodiscard]] std::optional<DateMatch> weekday(std::size_t at) const;
  [[nodiscard]] std::optional<DateMatch> month(std::size_t at) const;
  [[nodiscard]] std::optional<DateMatch> time_of_day(std::size_t at) const;

  struct Count {
    int value = 0;
    std::size_t tokens = 0;
  };
  [[nodiscard]] std::optional<Count> day_number(std::size_t at) const;
  [[nodiscard]] std::optional<unsigned> month_at(std::size_t at, bool certain) const;
  [[nodiscard]] std::optional<int> year_at(std::size_t at) const;
  [[nodiscard]] std::optional<int> year_of(unsigned month) const;
  [[nodiscard]] DateMatch shifted(std::size_t at, std::size_t count, int by, DateUnit unit) const;
  [[nodiscard]] DateMatch found(std::size_t at, std::size_t count, std::optional<DaySpan> days, std::string rule) const;
  [[nodiscard]] std::optional<DaySpan> day_in(unsigned month, unsigned day, std::optional<unsigned> weekday) const;
  [[nodiscard]] std::optional<DaySpan> weekday_as(std::string_view which, unsigned weekday) const;
  [[nodiscard]] std::optional<int> hour_of(std::size_t at, int hour, std::size_t* count) const;
  [[nodiscard]] std::size_t with_part_of_day(std::size_t at) const;
  [[nodiscard]] bool spoiled(const DateMatch& match) const;

  const std::vector<DateToken>& tokens_;
  Today today_;
};

}  // namespace holdfast::memory
