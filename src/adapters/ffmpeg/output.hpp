#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "adapters/process/child_process.hpp"
#include "adapters/process/ready.hpp"
#include "core/media/probe.hpp"

/// What the two programs say, understood.
namespace holdfast::ffmpeg {

/// Standard output of a child, piece by piece.
class OutputPipe {
 public:
  OutputPipe(const asio::any_io_executor& executor, Clock& clock, UniqueFd fd);
  /// Empty: the end. Errors: as process::ready.
  Task<Result<std::string>> read_some(MonoTime deadline);
  /// Everything up to the end, at most `max` bytes. Errors: as process::ready; permanent HF-MED-07 (more than
  /// that).
  Task<Result<std::string>> read_all(std::size_t max, MonoTime deadline);

 private:
  Clock& clock_;
  process::Descriptor pipe_;
};

/// Reads what probe_command prints. Errors: transient kWorkerDied (not that).
Result<media::ProbeFacts> parse_probe(std::string_view json, std::uint64_t file_bytes);

/// Reads the lines of -progress.
class ProgressLines {
 public:
  /// Takes the next piece; the newest position in microseconds that was in it.
  std::optional<std::int64_t> add(std::string_view piece);

 private:
  std::string line_;  ///< begun, not ended; never longer than kLineMax
};

/// The reason why a program ended as it did, when that is not the file's fault: crash, CPU time, disk,
/// missing parts. Errors: transient kWorkerDied, kWorkerHung; dependency HF-FFM-01; resource
/// HF-STO-02; permanent HF-MED-07 (wanted more memory than it may have).
Result<void> judge_exit(const ChildExit& exit, const ChildProcess& child);

/// A probe that could not read the file. Permanent: HF-MED-06 (more streams than it looks at), HF-MED-01.
std::unexpected<Error> unreadable(const ChildProcess& child);

/// Whether a converter that came to its end complained about the input.
bool complained(const ChildProcess& child);

}  // namespace holdfast::ffmpeg
