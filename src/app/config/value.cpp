#include "app/config/value.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <limits>
#include <type_traits>

#include "core/base/units.hpp"

namespace holdfast::config {

namespace {

std::unexpected<Error> refuse(const Key& key, const std::string& why) {
  return fail(ErrorClass::invalid, "HF-CFG-01", std::string{key.name} + ": " + why);
}

std::unexpected<Error> refuse_kind(const Key& key, std::string_view text) {
  if (key.secret) return refuse(key, "it is not " + std::string{describe(key.kind)});
  return refuse(key, "\"" + std::string{text} + "\" is not " + std::string{describe(key.kind)});
}

Result<std::uint64_t> parse_count(std::string_view text) {
  std::uint64_t number = 0;
  const auto [rest, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = problem == std::errc{} && rest == text.data() + text.size();
  if (!whole)
    return fail(ErrorClass::invalid, "HF-CFG-01", "\"" + std::string{text} + "\" is not a whole number");
  return number;
}

/// Numbers of every kind on one scale: counts as they are, sizes in bytes, durations in milliseconds.
Result<std::uint64_t> parse_number(Kind kind, std::string_view text) {
  if (kind == Kind::size) return units::parse_size(text);
  if (kind == Kind::count) return parse_count(text);
  if (kind == Kind::age && text == "keep") return 0;
  HF_TRY(const milliseconds time, units::parse_duration(text));
  return static_cast<std::uint64_t>(time.count());
}

bool is_numeric(Kind kind) {
  return kind == Kind::count || kind == Kind::size || kind == Kind::duration || kind == Kind::age;
}

Result<void> store_number(const Key& key, std::string_view text, Slot slot) {
  const auto number = parse_number(key.kind, text);
  if (!number) return refuse(key, number.error().what());
  const auto least = key.least.empty() ? 0 : parse_number(key.kind, key.least).value();
  const auto most =
      key.most.empty() ? std::numeric_limits<std::uint64_t>::max() : parse_number(key.kind, key.most).value();
  const bool keeps = key.kind == Kind::age && text == "keep";
  if (*number < least && !keeps)
    return refuse(key, std::string{text} + " is too small; at least " + std::string{key.least});
  if (*number > most)
    return refuse(key, std::string{text} + " is too large; at most " + std::string{key.most});
  const auto put = [&](auto* member) {
    using Member = std::remove_pointer_t<decltype(member)>;
    if constexpr (std::is_same_v<Member, milliseconds>)
      *member = milliseconds{static_cast<std::int64_t>(*number)};
    if constexpr (std::is_integral_v<Member>) *member = static_cast<Member>(*number);
  };
  std::visit(put, slot);
  return {};
}

bool is_port(std::string_view text) {
  unsigned number = 0;
  const auto [rest, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  return problem == std::errc{} && rest == text.data() + text.size() && number <= 65'535;
}

bool is_address(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0 || !is_port(text.substr(colon + 1))) return false;
  const std::string_view host = text.substr(0, colon);
  if (host.front() == '[') return host.size() > 2 && host.back() == ']';
  return host.find_first_of(": /[]") == std::string_view::npos;
}

bool is_name(std::string_view text) {
  const auto allowed = [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '.' || c == '-' || c == '_' || c == ':' || c == '/';
  };
  return std::ranges::all_of(text, allowed);
}

bool is_language(std::string_view text) {
  const bool letters = std::ranges::all_of(text, [](char c) { return c >= 'a' && c <= 'z'; });
  return text == "auto" || (letters && (text.size() == 2 || text.size() == 3));
}

bool is_choice(std::string_view choices, std::string_view text) {
  const std::string padded = "|" + std::string{choices} + "|";
  return text.find('|') == std::string_view::npos &&
         padded.find("|" + std::string{text} + "|") != std::string::npos;
}

bool fits(const Key& key, std::string_view text) {
  switch (key.kind) {
    case Kind::name:
      return is_name(text);
    case Kind::address:
      return is_address(text);
    case Kind::url:
      return text.starts_with("http://") || text.starts_with("https://");
    case Kind::language:
      return is_language(text);
    case Kind::choice:
      return is_choice(key.choices, text);
    case Kind::flag:
      return text == "true" || text == "false";
    default:
      return true;
  }
}

std::size_t closing_brace(std::string_view text, std::size_t open) {
  std::size_t depth = 0;
  for (std::size_t at = open; at < text.size(); ++at) {
    if (text[at] == '{') ++depth;
    if (text[at] == '}' && --depth == 0) return at;
  }
  return std::string_view::npos;
}

std::string substitute(std::string_view inside, const Environment& environment) {
  const auto split = inside.find(":-");
  const std::string value = lookup(environment, inside.substr(0, split));
  if (!value.empty() || split == std::string_view::npos) return value;
  return expand(inside.substr(split + 2), environment);
}

}  // namespace

Result<void> assign(const Key& key, std::string_view text, Settings& settings) {
  return assign_to(key, text, key.slot(settings));
}

Result<void> assign_to(const Key& key, std::string_view text, Slot slot) {
  if (is_numeric(key.kind)) return store_number(key, text, slot);
  if (text.empty() && !key.may_be_empty)
    return refuse(key, "it is empty; expected " + std::string{describe(key.kind)});
  if (text.find('\0') != std::string_view::npos) return refuse(key, "it contains a zero byte");
  if (!text.empty() && !fits(key, text)) {
    if (key.kind == Kind::choice)
      return refuse(key, "\"" + std::string{text} + "\" is not one of " + std::string{key.choices});
    return refuse_kind(key, text);
  }
  if (key.kind == Kind::flag) {
    *std::get<bool*>(slot) = text == "true";
    return {};
  }
  *std::get<std::string*>(slot) = std::string{text};
  return {};
}

std::string expand(std::string_view text, const Environment& environment) {
  std::string out;
  while (!text.empty()) {
    const auto start = text.find("${");
    const auto end = start == std::string_view::npos ? start : closing_brace(text, start + 1);
    if (end == std::string_view::npos) return out + std::string{text};
    out += text.substr(0, start);
    out += substitute(text.substr(start + 2, end - start - 2), environment);
    text.remove_prefix(end + 1);
  }
  return out;
}

}  // namespace holdfast::config
