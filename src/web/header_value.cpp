#include "web/header_value.hpp"

#include <algorithm>

namespace holdfast::web {
namespace {

constexpr std::size_t kHeaderParametersMax = 16;

bool is_alnum(char letter) {
  return (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'z') ||
         (letter >= 'A' && letter <= 'Z');
}

bool is_token_char(char letter) {
  return is_alnum(letter) ||
         (letter != '\0' && std::string_view{"!#$%&'*+-.^_`|~"}.find(letter) != std::string_view::npos);
}

char lower_char(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + 32) : letter;
}

std::unexpected<Error> malformed_header() {
  return fail(ErrorClass::invalid, "HF-REQ-01", "a header's value is not well formed");
}

void skip_space(std::string_view& rest) {
  while (!rest.empty() && (rest.front() == ' ' || rest.front() == '\t')) rest.remove_prefix(1);
}

std::string_view take_token(std::string_view& rest) {
  const auto end = std::ranges::find_if_not(rest, is_token_char);
  const auto token = rest.substr(0, static_cast<std::size_t>(end - rest.begin()));
  rest.remove_prefix(token.size());
  return token;
}

/// `rest` starts after the opening quotation mark.
std::optional<std::string> take_quoted(std::string_view& rest) {
  std::string text;
  while (!rest.empty() && rest.front() != '"') {
    const bool escape = rest.front() == '\\' && rest.size() > 1 && (rest[1] == '"' || rest[1] == '\\');
    if (escape) rest.remove_prefix(1);
    text += rest.front();
    rest.remove_prefix(1);
  }
  if (rest.empty()) return std::nullopt;
  rest.remove_prefix(1);
  return text;
}

std::optional<std::string> take_parameter_value(std::string_view& rest) {
  if (!rest.empty() && rest.front() == '"') {
    rest.remove_prefix(1);
    return take_quoted(rest);
  }
  const auto token = take_token(rest);
  if (token.empty()) return std::nullopt;
  return std::string{token};
}

/// `rest` starts after the semicolon.
Result<void> take_header_parameter(std::string_view& rest, Parameterized& into) {
  skip_space(rest);
  if (rest.empty()) return {};  // a semicolon at the end
  const std::string name = lower(take_token(rest));
  if (name.empty() || rest.empty() || rest.front() != '=') return malformed_header();
  rest.remove_prefix(1);
  auto value = take_parameter_value(rest);
  if (!value || into.find(name) != nullptr || into.parameters.size() == kHeaderParametersMax) return malformed_header();
  into.parameters.emplace_back(name, *std::move(value));
  return {};
}

}  // namespace

bool is_token(std::string_view text) { return !text.empty() && std::ranges::all_of(text, is_token_char); }

std::string_view trimmed(std::string_view text) {
  skip_space(text);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::string lower(std::string_view text) {
  std::string out{text};
  std::ranges::transform(out, out.begin(), lower_char);
  return out;
}

bool equals_ignoring_case(std::string_view left, std::string_view right) {
  return std::ranges::equal(left, right, {}, lower_char, lower_char);
}

std::vector<std::string_view> list_elements(std::string_view value) {
  std::vector<std::string_view> out;
  bool quoted = false;
  std::size_t start = 0;
  for (std::size_t i = 0; i <= value.size(); ++i) {
    if (i < value.size() && value[i] == '"') quoted = !quoted;
    if (i < value.size() && (value[i] != ',' || quoted)) continue;
    const auto element = trimmed(value.substr(start, i - start));
    if (!element.empty()) out.push_back(element);
    start = i + 1;
  }
  return out;
}

const std::string* Parameterized::find(std::string_view name) const {
  const auto found =
      std::ranges::find_if(parameters, [name](const auto& pair) { return pair.first == name; });
  return found == parameters.end() ? nullptr : &found->second;
}

Result<Parameterized> parse_parameterized(std::string_view text) {
  std::string_view rest = trimmed(text);
  const auto end = std::min(rest.find(';'), rest.size());
  Parameterized out{.value = lower(trimmed(rest.substr(0, end)))};
  rest.remove_prefix(end);
  while (!rest.empty()) {
    if (rest.front() != ';') return malformed_header();
    rest.remove_prefix(1);
    HF_TRY_VOID(take_header_parameter(rest, out));
    skip_space(rest);
  }
  return out;
}

}  // namespace holdfast::web
