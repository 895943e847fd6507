#include "app/log/line_log.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cerrno>
#include <chrono>
#include <ctime>

#include "app/cli/render.hpp"

namespace holdfast {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 4> kLevels{"debug", "info", "warn", "error"};
constexpr std::size_t kValueMax = 500;
/// A pipe takes a line of this size whole or not at all, and does not make us wait when it says that there is
/// room. Source: pipe(7), PIPE_BUF.
constexpr std::size_t kLineMax = 4096;

std::string_view to_word(LogLevel level) { return kLevels.at(static_cast<std::size_t>(level)); }

std::string clean(std::string_view value) {
  std::string out = cli::printable(value);
  if (out.size() > kValueMax) out = cli::printable(out.substr(0, kValueMax)) + "...";
  return out;
}

std::string as_value(std::string_view value) {
  const bool plain = !value.empty() && value.find_first_of(" \"=\\") == std::string_view::npos;
  if (plain) return std::string{value};
  std::string out = "\"";
  for (const char letter : value) {
    if (letter == '"' || letter == '\\') out += '\\';
    out += letter;
  }
  return out + '"';
}

std::string stamp(WallTime at) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(at);
  const std::time_t seconds = std::chrono::system_clock::to_time_t(whole);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 40> text{};
  const std::size_t length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::string fraction = std::to_string(1000 + (at - whole).count());
  fraction.front() = '.';
  return std::string{text.data(), length} + fraction + 'Z';
}

WallTime now() {
  return std::chrono::time_point_cast<milliseconds>(std::chrono::system_clock::now());
}

}  // namespace

std::string text_line(WallTime at, LogLevel level, std::string_view event,
                      const std::vector<LogField>& fields) {
  std::string line = stamp(at) + ' ' + std::string{to_word(level)} + ' ' + std::string{event};
  for (const auto& [key, value] : fields) line += ' ' + std::string{key} + '=' + as_value(clean(value));
  return line;
}

std::string json_line(WallTime at, LogLevel level, std::string_view event,
                      const std::vector<LogField>& fields) {
  json::object line{{"at", stamp(at)}, {"level", to_word(level)}, {"event", event}};
  for (const auto& [key, value] : fields) line[key] = clean(value);
  return json::serialize(line);
}

LineLog::LineLog(const Settings::Log& settings, int fd) : json_{settings.format == "json"}, fd_{fd} {
  const auto* const found = std::ranges::find(kLevels, settings.level);
  if (found != kLevels.end()) least_ = static_cast<LogLevel>(found - kLevels.begin());
}

void LineLog::write(LogLevel level, std::string_view event, const std::vector<LogField>& fields) {
  if (level < least_) return;
  if (lost_ > 0 && put(line(LogLevel::warn, "log_lines_lost", {{"count", std::to_string(lost_)}}))) lost_ = 0;
  if (lost_ > 0 || !put(line(level, event, fields))) ++lost_;
}

std::string LineLog::line(LogLevel level, std::string_view event, const std::vector<LogField>& fields) const {
  return (json_ ? json_line(now(), level, event, fields) : text_line(now(), level, event, fields)) + '\n';
}

/// Asks first, because setting the descriptor non-blocking would do so for everybody who shares it.
bool LineLog::put(const std::string& line) {
  if (line.size() > kLineMax) return false;
  pollfd room{.fd = fd_, .events = POLLOUT, .revents = 0};
  if (::poll(&room, 1, 0) != 1 || (room.revents & POLLOUT) == 0) return false;
  return ::write(fd_, line.data(), line.size()) == static_cast<ssize_t>(line.size());
}

}  // namespace holdfast
