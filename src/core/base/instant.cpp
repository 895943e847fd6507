#include "core/base/instant.hpp"

namespace holdfast {
namespace {

/// Takes a text apart from its front; the first thing that does not fit spoils it for good.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_{text} {}

  int number(std::size_t digits, int least, int most) {
    int value = 0;
    const std::string_view part = rest_.substr(0, digits);
    for (const char digit : part) {
      if (digit < '0' || digit > '9') sound_ = false;
      value = value * 10 + (digit - '0');
    }
    sound_ = sound_ && part.size() == digits && value >= least && value <= most;
    rest_.remove_prefix(part.size());
    return sound_ ? value : least;
  }
  bool take(std::string_view any_of) {
    if (rest_.empty() || any_of.find(rest_.front()) == std::string_view::npos) return false;
    taken_ = rest_.front();
    rest_.remove_prefix(1);
    return true;
  }
  void need(std::string_view any_of) { sound_ = take(any_of) && sound_; }
  /// Digits of a fraction, as milliseconds.
  milliseconds fraction() {
    int value = 0;
    std::size_t count = 0;
    for (; count < rest_.size() && rest_[count] >= '0' && rest_[count] <= '9'; ++count) {
      if (count < 3) value = value * 10 + (rest_[count] - '0');
    }
    sound_ = sound_ && count >= 1 && count <= 9;
    for (std::size_t have = count; have < 3; ++have) value *= 10;
    rest_.remove_prefix(count);
    return milliseconds{value};
  }
  [[nodiscard]] char taken() const { return taken_; }
  [[nodiscard]] bool done() const { return sound_ && rest_.empty(); }

 private:
  std::string_view rest_;
  char taken_ = 0;
  bool sound_ = true;
};

std::chrono::minutes offset(Cursor& at) {
  at.need("Zz+-");
  if (at.taken() != '+' && at.taken() != '-') return std::chrono::minutes{0};
  const int sign = at.taken() == '-' ? -1 : 1;
  const int hours = at.number(2, 0, 23);
  at.need(":");
  return std::chrono::minutes{sign * (hours * 60 + at.number(2, 0, 59))};
}

}  // namespace

std::optional<WallTime> parse_instant(std::string_view text) {
  Cursor at{text};
  const std::chrono::year year{at.number(4, 0, 9999)};
  at.need("-");
  const std::chrono::month month{static_cast<unsigned>(at.number(2, 1, 12))};
  at.need("-");
  const std::chrono::day day{static_cast<unsigned>(at.number(2, 1, 31))};
  at.need("Tt ");
  milliseconds clock = std::chrono::hours{at.number(2, 0, 23)};
  at.need(":");
  clock += std::chrono::minutes{at.number(2, 0, 59)};
  at.need(":");
  clock += std::chrono::seconds{at.number(2, 0, 60)};
  if (at.take(".")) clock += at.fraction();
  clock -= offset(at);
  const std::chrono::year_month_day date{year, month, day};
  if (!at.done() || !date.ok()) return std::nullopt;
  return WallTime{std::chrono::sys_days{date}} + clock;
}

std::optional<std::chrono::minutes> parse_offset(std::string_view text) {
  constexpr std::size_t kLength = 6;  // "+01:00"
  if (!parse_instant(text) || text.size() < kLength) return std::nullopt;
  const std::string_view sign_and_clock = text.substr(text.size() - kLength);
  if ((sign_and_clock.front() != '+' && sign_and_clock.front() != '-') || sign_and_clock == "-00:00")
    return std::nullopt;
  Cursor at{sign_and_clock};
  return offset(at);
}

}  // namespace holdfast
