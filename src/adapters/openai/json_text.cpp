#include "adapters/openai/json_text.hpp"

#include <boost/json.hpp>

namespace holdfast::openai {
namespace {

namespace json = boost::json;

bool is_object(std::string_view text) {
  boost::system::error_code bad;
  const auto value = json::parse({text.data(), text.size()}, bad);
  return !bad && value.is_object();
}

/// Behind the brace that closes the one at `open`; npos: none does. Braces in strings do not count.
std::size_t end_of_object(std::string_view text, std::size_t open) {
  std::size_t depth = 0;
  bool quoted = false;
  for (std::size_t at = open; at < text.size(); ++at) {
    if (quoted && text[at] == '\\') {
      ++at;
    } else if (text[at] == '"') {
      quoted = !quoted;
    } else if (!quoted && text[at] == '{') {
      ++depth;
    } else if (!quoted && text[at] == '}' && --depth == 0) {
      return at + 1;
    }
  }
  return std::string_view::npos;
}

/// Empty: there is no fence, or it is not closed.
std::string_view within_fence(std::string_view text) {
  constexpr std::string_view kFence = "```";
  const auto open = text.find(kFence);
  const auto line = open == std::string_view::npos ? open : text.find('\n', open);
  const auto close = line == std::string_view::npos ? line : text.find(kFence, line);
  return close == std::string_view::npos ? std::string_view{} : text.substr(line + 1, close - line - 1);
}

}  // namespace

std::string object_text(std::string_view written) {
  if (is_object(written)) return std::string{written};
  if (const auto fenced = within_fence(written); is_object(fenced)) return std::string{fenced};
  const auto open = written.find('{');
  const auto end = open == std::string_view::npos ? open : end_of_object(written, open);
  if (end == std::string_view::npos || written.find('{', end) != std::string_view::npos) return {};
  const auto inside = written.substr(open, end - open);
  return is_object(inside) ? std::string{inside} : std::string{};
}

}  // namespace holdfast::openai
