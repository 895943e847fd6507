#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace holdfast {

enum class LogLevel : std::uint8_t { debug, info, warn, error };

struct LogField {
  std::string_view key;
  std::string value;
};

/// Port: what the operator reads. Events and values are ids, codes, counts and words of ours; never what a
/// user sent, said, or called a file.
class Log {
 public:
  virtual ~Log() = default;
  /// Never waits and never fails: what cannot be written is lost.
  virtual void write(LogLevel level, std::string_view event, const std::vector<LogField>& fields) = 0;
};

/// Writes to the log, if there is one.
inline void tell(Log* log, LogLevel level, std::string_view event, const std::vector<LogField>& fields = {}) {
  if (log != nullptr) log->write(level, event, fields);
}

}  // namespace holdfast
