#pragma once

#include <string>

#include "adapters/process/ready.hpp"
#include "worker/unique_fd.hpp"

namespace holdfast {

/// The server's end of the socket pair (docs/worker-protocol.md). One call at a time.
/// Errors of all calls: transient kWorkerHung (deadline), transient kWorkerDied (the worker is gone, or broke
/// the frame rules), canceled. After an error the channel is of no use any more.
class FrameChannel {
 public:
  /// Takes over a non-blocking socket.
  FrameChannel(const asio::any_io_executor& executor, Clock& clock, UniqueFd socket);

  /// Sends a whole frame; the descriptor, if any, travels with its first byte.
  Task<Result<void>> send(std::string body, UniqueFd attachment, MonoTime deadline);
  /// The body of the next frame, at most frame::kBodyMax bytes.
  Task<Result<std::string>> receive(MonoTime deadline);

 private:
  /// Bytes sent; 0: not now.
  Result<std::size_t> send_some(std::string_view bytes, int attachment);
  Result<void> read_some();
  /// Cuts the first whole frame off what was read. Empty string and false: not all there yet.
  Result<bool> take_frame(std::string& body);

  Clock& clock_;
  process::Descriptor socket_;
  std::string received_;  ///< never longer than one frame and one read
};

}  // namespace holdfast
