#pragma once

#include <boost/json/fwd.hpp>
#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "worker/channel.hpp"
#include "worker/frame.hpp"

/// What the workers with a llama.cpp model have in common of docs/worker-protocol.md, whatever they are asked for.
namespace holdfast::worker {

/// Reads the server's frames in a thread of its own and hands out the requests one by one. When the server
/// goes, `stop` becomes true in the middle of whatever is computed.
class Requests {
 public:
  explicit Requests(Channel& channel);
  ~Requests();
  Requests(const Requests&) = delete;

  [[nodiscard]] const std::atomic<bool>& stop() const noexcept;
  /// Waits for the next request. Nothing: the server is gone.
  std::optional<std::string> next();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The frames with which a worker begins. Return false when the server is gone.
bool say_ready(Channel& channel, std::string_view engine, long load_ms);
bool say_failed(Channel& channel, const Error& error);

boost::json::object failed_frame(const Error& error);
/// The number of a request, 0 where it has none.
boost::json::value id_of(std::string_view frame);
/// The same text, in valid UTF-8: other bytes would make the whole frame unreadable.
std::string valid_utf8(std::string_view text);

/// Says how far a request is, at most some times a second, from inside the computation.
class ProgressReporter {
 public:
  ProgressReporter(Channel& channel, std::string_view frame);
  ~ProgressReporter();
  void operator()(double fraction);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace holdfast::worker
