#include "core/base/units.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <span>
#include <string>
#include <utility>

namespace holdfast::units {
namespace {

using Unit = std::pair<std::string_view, double>;

constexpr Unit kDurations[] = {{"ms", 1}, {"s", 1e3}, {"min", 60e3}, {"h", 3'600e3}, {"d", 86'400e3}};
constexpr Unit kSizes[] = {{"B", 1},
                           {"kB", 1e3},
                           {"MB", 1e6},
                           {"GB", 1e9},
                           {"TB", 1e12},
                           {"KiB", 1024.0},
                           {"MiB", 1024.0 * 1024},
                           {"GiB", 1024.0 * 1024 * 1024},
                           {"TiB", 1024.0 * 1024 * 1024 * 1024}};

constexpr double kDurationMax = 10'000 * 86'400e3;
constexpr double kSizeMax =
    9'007'199'254'740'992.0;  // 2^53: every whole number up to here is exact in a double

struct Wording {
  std::string_view noun;
  std::string_view example;
};

std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlank = " \t";
  const auto first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

std::unexpected<Error> refuse(std::string_view text, Wording wording, std::string_view why) {
  std::string what =
      "\"" + std::string{text} + "\" is not a " + std::string{wording.noun} + ": " + std::string{why};
  return fail(ErrorClass::invalid, "HF-CFG-01",
              what + "; write it like \"" + std::string{wording.example} + "\"");
}

std::string names_of(std::span<const Unit> units) {
  std::string names;
  for (const auto& [name, factor] : units) names += (names.empty() ? "" : ", ") + std::string{name};
  return names;
}

Result<double> parse(std::string_view text, std::span<const Unit> units, double limit, Wording wording) {
  const auto body = trim(text);
  double number = 0;
  const auto [rest, problem] =
      std::from_chars(body.data(), body.data() + body.size(), number, std::chars_format::fixed);
  if (problem != std::errc{}) return refuse(text, wording, "it does not start with a number");
  if (!std::isfinite(number) || number < 0) return refuse(text, wording, "the number cannot be used");
  const auto unit = trim(body.substr(static_cast<std::size_t>(rest - body.data())));
  const auto known = std::ranges::find(units, unit, &Unit::first);
  if (known == units.end()) return refuse(text, wording, "the unit is one of " + names_of(units));
  const double value = std::round(number * known->second);
  if (value > limit) return refuse(text, wording, "it is too large");
  return value;
}

}  // namespace

Result<milliseconds> parse_duration(std::string_view text) {
  HF_TRY(const double value, parse(text, kDurations, kDurationMax, {"duration", "15 min"}));
  return milliseconds{static_cast<std::int64_t>(value)};
}

Result<std::uint64_t> parse_size(std::string_view text) {
  HF_TRY(const double value, parse(text, kSizes, kSizeMax, {"size", "512 MiB"}));
  return static_cast<std::uint64_t>(value);
}

}  // namespace holdfast::units
