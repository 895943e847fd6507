#include "app/cli/render.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace holdfast::cli {

namespace {

constexpr std::size_t kNameCells = 24;
constexpr std::size_t kWordCells = 14;
constexpr unsigned kBarCells = 24;
constexpr std::string_view kGreen = "\x1b[32m";
constexpr std::string_view kRed = "\x1b[31m";
constexpr std::string_view kPlain = "\x1b[0m";

bool is_tail(char byte) { return (static_cast<unsigned char>(byte) & 0xc0U) == 0x80U; }

/// How many bytes the character at the front takes; 0: it is not UTF-8.
std::size_t character_bytes(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  std::size_t length = 0;
  if (first < 0x80U) length = 1;
  if (first >= 0xc2U && first < 0xe0U) length = 2;
  if (first >= 0xe0U && first < 0xf0U) length = 3;
  if (first >= 0xf0U && first < 0xf5U) length = 4;
  if (length == 0 || text.size() < length) return 0;
  return std::all_of(text.begin() + 1, text.begin() + static_cast<std::ptrdiff_t>(length), is_tail) ? length
                                                                                                    : 0;
}

char32_t decode(std::string_view character) {
  if (character.size() == 1) return static_cast<unsigned char>(character[0]);
  char32_t code = static_cast<unsigned char>(character[0]) & (0xffU >> (character.size() + 1));
  for (const char byte : character.substr(1)) code = code << 6U | (static_cast<unsigned char>(byte) & 0x3fU);
  return code;
}

bool is_harmless(char32_t code) {
  const bool control = code < 0x20 || (code >= 0x7f && code < 0xa0);
  const bool direction = code == 0x061c || code == 0x200e || code == 0x200f ||
                         (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
  const bool line = code == 0x2028 || code == 0x2029;
  return !control && !direction && !line;
}

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char byte) { return !is_tail(byte); }));
}

std::string first_characters(std::string_view text, std::size_t count) {
  std::size_t end = 0;
  while (end < text.size()) {
    if (!is_tail(text[end]) && count-- == 0) break;
    ++end;
  }
  return std::string{text.substr(0, end)};
}

std::string cell(std::string_view text, std::size_t width) {
  std::string out = shortened(text, width);
  return out + std::string(width - std::min(width, characters(out)), ' ');
}

std::string percent(double fraction) {
  return std::to_string(static_cast<int>(std::floor(std::clamp(fraction, 0.0, 1.0) * 100))) + " %";
}

std::string painted(std::string line, std::string_view status, Style style) {
  if (!style.colour || (status != "completed" && status != "failed")) return line;
  return std::string{status == "failed" ? kRed : kGreen} + line + std::string{kPlain};
}

std::string fitted(const std::string& line, Style style) {
  return first_characters(line, style.columns > 1 ? style.columns - 1 : 1);
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t length = character_bytes(text);
    const bool keep = length > 0 && is_harmless(decode(text.substr(0, length)));
    if (keep) out += text.substr(0, length);
    if (!keep) out += '?';
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return out;
}

std::string shortened(std::string_view text, std::size_t characters_max) {
  if (characters(text) <= characters_max || characters_max < 4) return first_characters(text, characters_max);
  return first_characters(text, characters_max - 3) + "...";
}

std::string human_size(std::uint64_t bytes) {
  constexpr std::array<const char*, 5> kUnits = {"B", "kB", "MB", "GB", "TB"};
  auto number = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (number >= 999.5 && unit + 1 < kUnits.size()) {
    number /= 1000;
    ++unit;
  }
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), unit > 0 && number < 9.95 ? "%.1f %s" : "%.0f %s", number,
                kUnits[unit]);
  return text.data();
}

std::string human_time(milliseconds time) {
  const auto seconds = (time.count() + 500) / 1000;
  if (seconds < 10) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.1f s", static_cast<double>(time.count()) / 1000);
    return text.data();
  }
  if (seconds < 60) return std::to_string(seconds) + " s";
  const auto minutes = seconds / 60;
  if (minutes < 60) return std::to_string(minutes) + " min " + std::to_string(seconds % 60) + " s";
  return std::to_string(minutes / 60) + " h " + std::to_string(minutes % 60) + " min";
}

std::string bar(double fraction, unsigned cells, bool unicode) {
  constexpr std::array<const char*, 8> kParts = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const auto eighths = static_cast<unsigned>(std::clamp(fraction, 0.0, 1.0) * cells * 8);
  const unsigned part = unicode ? eighths % 8 : 0;
  std::string out;
  for (unsigned full = 0; full < eighths / 8; ++full) out += unicode ? "█" : "#";
  out += kParts.at(part);
  const unsigned used = eighths / 8 + (part > 0 ? 1 : 0);
  return out + std::string(cells - used, unicode ? ' ' : '.');
}

std::string sending_line(std::string_view name, std::uint64_t sent, std::uint64_t total, Style style) {
  const double fraction = total == 0 ? 1 : static_cast<double>(sent) / static_cast<double>(total);
  return fitted(cell(printable(name), kNameCells) + "  " + cell("Sending", kWordCells) + "  " +
                    bar(fraction, kBarCells, style.unicode) + "  " + percent(fraction) + "  " +
                    human_size(sent) + " of " + human_size(total),
                style);
}

std::string state_words(const ItemState& state) {
  if (state.status == "completed") return "Completed";
  if (state.status == "cancelled") return "Cancelled";
  if (state.status == "failed") return "Failed" + (state.error.empty() ? "" : ": " + printable(state.error));
  std::string words = printable(state.title.empty() ? state.stage : state.title);
  if (state.status == "pending") words = words.empty() ? "Waiting" : "Waiting for: " + words;
  if (state.status == "processing" && state.fraction >= 0) words += ", " + percent(state.fraction);
  if (state.attempts > 1) words += " (attempt " + std::to_string(state.attempts) + ")";
  return words;
}

std::string item_line(const ItemState& state, Style style) {
  const std::string name = cell(printable(state.name), kNameCells) + "  ";
  const bool running = state.status == "processing" && state.fraction >= 0;
  if (!running) return painted(fitted(name + state_words(state), style), state.status, style);
  const std::string word = printable(state.title.empty() ? state.stage : state.title);
  return fitted(name + cell(word, kWordCells) + "  " + bar(state.fraction, kBarCells, style.unicode) + "  " +
                    percent(state.fraction),
                style);
}

}  // namespace holdfast::cli
