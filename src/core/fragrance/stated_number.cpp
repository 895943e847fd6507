#include "core/fragrance/stated_number.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/fragrance/brief.hpp"

namespace holdfast::fragrance {
namespace {

constexpr std::size_t kReach = 3;  ///< "intensity should be around 0.7"
constexpr auto kBetween = std::to_array<std::string_view>(
    {"of", "is", "at", "be", "to", "should", "around", "about", "level", "must", "set", "roughly", "near",
     "with", "the", "score", "value", "equal", "equals"});

std::optional<double> as_number(std::string_view word) {
  const bool numeral = !word.empty() && (word.front() == '-' || (word.front() >= '0' && word.front() <= '9'));
  if (!numeral) return std::nullopt;  // "nan" is a word here
  double value = 0;
  const auto* end = word.data() + word.size();
  const auto read = std::from_chars(word.data(), end, value, std::chars_format::fixed);
  if (read.ec != std::errc{} || read.ptr != end) return std::nullopt;
  return value;
}

std::string_view at(const Tokens& tokens, std::size_t place) {
  return place < tokens.size() ? std::string_view{tokens[place]} : std::string_view{};
}

/// What the number is a part of: 100 behind a "%", 10 behind "out of 10". 1: of itself.
double whole_of(const Tokens& tokens, std::size_t number, std::size_t& end) {
  end = number + 1;
  if (at(tokens, end) == "%" || at(tokens, end) == "percent") {
    ++end;
    return 100;
  }
  std::size_t place = end;
  if (at(tokens, place) == "/") {
    ++place;
  } else if (at(tokens, place) == "out" && at(tokens, place + 1) == "of") {
    place += 2;
  } else {
    return 1;
  }
  const auto whole = as_number(at(tokens, place));
  if (!whole || *whole <= 0) return 1;
  end = place + 1;
  return *whole;
}

StatedNumber stated(const Tokens& tokens, std::size_t number, std::size_t& end) {
  const double whole = whole_of(tokens, number, end);
  const double value = *as_number(tokens[number]) / whole;
  StatedNumber out{.value = value, .usable = is_share(value)};
  for (std::size_t place = number; place < end; ++place) out.written += tokens[place];
  return out;
}

std::optional<StatedNumber> number_behind(const Tokens& tokens, std::size_t word) {
  std::size_t end = 0;
  for (std::size_t place = word + 1; place <= word + 1 + kReach && place < tokens.size(); ++place) {
    if (as_number(tokens[place])) return stated(tokens, place, end);
    if (std::ranges::find(kBetween, std::string_view{tokens[place]}) == kBetween.end()) break;
  }
  return std::nullopt;
}

/// "70 % intensity", "a 0.7 intensity": the number ends where the word begins.
std::optional<StatedNumber> number_before(const Tokens& tokens, std::size_t word) {
  constexpr std::size_t kLongest = 4;  // "7 out of 10"
  for (std::size_t back = std::min(word, kLongest); back > 0; --back) {
    std::size_t end = 0;
    if (!as_number(tokens[word - back])) continue;
    auto found = stated(tokens, word - back, end);
    if (end == word) return found;
  }
  return std::nullopt;
}

}  // namespace

std::optional<StatedNumber> number_for(const Tokens& tokens, std::string_view word) {
  for (std::size_t place = 0; place < tokens.size(); ++place) {
    if (tokens[place] != word) continue;
    if (auto found = number_behind(tokens, place)) return found;
    if (auto found = number_before(tokens, place)) return found;
  }
  return std::nullopt;
}

}  // namespace holdfast::fragrance
