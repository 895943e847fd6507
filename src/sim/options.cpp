#include "sim/options.hpp"

#include <charconv>
#include <string_view>

namespace holdfast::sim {
namespace {

std::unexpected<Error> wrong(std::string what) {
  return fail(ErrorClass::invalid, "HF-CLI-01", std::move(what));
}

template <class Number>
Result<Number> number(std::string_view text) {
  Number value{};
  const auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (bad != std::errc{} || end != text.data() + text.size())
    return wrong("not a number: '" + std::string{text} + "'");
  return value;
}

Result<void> parse_seeds(std::string_view text, Options* options) {
  const auto dots = text.find("..");
  HF_TRY(options->seed_from, number<std::uint64_t>(text.substr(0, dots)));
  options->seed_to = options->seed_from;
  if (dots == std::string_view::npos) return {};
  HF_TRY(options->seed_to, number<std::uint64_t>(text.substr(dots + 2)));
  if (options->seed_to < options->seed_from) return wrong("the range of seeds is empty");
  return {};
}

Result<void> parse_store(std::string_view word, Options* options) {
  options->store = std::nullopt;
  if (word == "drawn") return {};
  if (word != "sqlite" && word != "memory") return wrong("--store is to be sqlite, memory or drawn");
  options->store = word == "sqlite" ? StoreKind::sqlite : StoreKind::memory;
  return {};
}

Result<void> parse_value(std::string_view flag, std::string_view value, Options* options) {
  if (flag == "--seed" || flag == "--seeds") return parse_seeds(value, options);
  if (flag == "--store") return parse_store(value, options);
  if (flag == "--hours") {
    HF_TRY(options->hours, number<double>(value));
    if (options->hours <= 0 || options->hours > 1'000)
      return wrong("--hours is to be above 0 and at most 1000");
    return {};
  }
  if (flag == "--threads") {
    HF_TRY(options->threads, number<unsigned>(value));
    return {};
  }
  if (flag == "--scenario") {
    options->list_races = value == "list";
    options->race = find_race(value);
    if (options->race == nullptr && !options->list_races)
      return wrong("there is no scenario named '" + std::string{value} + "'");
    return {};
  }
  if (flag != "--bug") return wrong("unknown option '" + std::string{flag} + "'");
  options->bug = value;
  options->list_bugs = value == "list";
  return {};
}

}  // namespace

Result<Options> parse_options(std::span<const char* const> words) {
  Options options;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string_view word = words[i];
    if (word == "--json")
      options.json = true;
    else if (word == "--trace")
      options.trace = true;
    else if (word == "--coverage")
      options.coverage = true;
    else if (word == "--help" || word == "-h")
      options.help = true;
    else if (i + 1 == words.size())
      return wrong("'" + std::string{word} + "' is unknown or wants a value");
    else
      HF_TRY_VOID(parse_value(word, words[++i], &options));
  }
  return options;
}

}  // namespace holdfast::sim
