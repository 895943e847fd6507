#pragma once

#include "app/config/settings.hpp"
#include "core/base/time.hpp"
#include "ports/log.hpp"

/// The log as lines on standard error (or any other descriptor).
namespace holdfast {

/// "2026-11-25T20:00:00.000Z warn service_down service=ffmpeg code=HF-FFM-01 message=\"ffprobe is missing\"".
[[nodiscard]] std::string text_line(WallTime at, LogLevel level, std::string_view event,
                                    const std::vector<LogField>& fields);
/// {"at":"...","level":"warn","event":"service_down","service":"ffmpeg",...}
[[nodiscard]] std::string json_line(WallTime at, LogLevel level, std::string_view event,
                                    const std::vector<LogField>& fields);

/// One line for each event, in one write. A reader that is gone or too slow stops nothing: the line is lost,
/// and the next one that gets through says how many were.
class LineLog final : public Log {
 public:
  LineLog(const Settings::Log& settings, int fd);
  void write(LogLevel level, std::string_view event, const std::vector<LogField>& fields) override;

 private:
  [[nodiscard]] std::string line(LogLevel level, std::string_view event,
                                 const std::vector<LogField>& fields) const;
  bool put(const std::string& line);

  LogLevel least_ = LogLevel::info;
  bool json_ = false;
  int fd_;
  unsigned lost_ = 0;
};

}  // namespace holdfast
