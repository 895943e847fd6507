#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "worker/unique_fd.hpp"

/// The worker's end of the socket pair (docs/worker-protocol.md). Used by the worker programs only.
namespace holdfast::worker {

/// The descriptor at which a worker finds its end.
inline constexpr int kChannelFd = 3;

/// One frame from the server, with the input file when it brought one.
struct Incoming {
  std::string body;  ///< JSON
  UniqueFd fd;       ///< open for reading; none: not every frame has one
};

/// Blocking frames over the socket pair. `write` may be called from several threads; `read` from one at a
/// time.
class Channel {
 public:
  /// Takes over `fd`, sets close-on-exec, and makes a write to a server that has gone fail instead of kill.
  explicit Channel(int fd);
  Channel(Channel&&) = delete;
  ~Channel();

  /// Waits for the next frame. nullopt: the server is gone, or broke the frame rules; exit.
  std::optional<Incoming> read();
  /// Sends one whole frame. False: the server is gone, or the frame is longer than frame::kBodyMax; nothing
  /// was sent then.
  bool write(std::string_view json);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace holdfast::worker
