#pragma once

#include <atomic>
#include <string_view>

#include "adapters/llama/text_model.hpp"
#include "core/base/result.hpp"
#include "worker/channel.hpp"

/// The language worker's side of docs/worker-protocol.md.
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

/// Reads a `generate` frame. Errors: permanent HF-SRV-01 (a field is missing or beyond its limit).
Result<llama::TextTask> parse_task(std::string_view frame);

/// Says hello, then answers requests until the server is gone.
void serve_language(Channel& channel, Requests& requests, llama::TextModel& model);

/// The frames with which a worker begins. Return false when the server is gone.
bool say_ready(Channel& channel, std::string_view engine, long load_ms);
bool say_failed(Channel& channel, const Error& error);

}  // namespace holdfast::worker
