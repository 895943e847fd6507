#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "ports/clock.hpp"
#include "web/web_config.hpp"

namespace holdfast::web {

/// One TCP connection with a deadline on everything that waits for the other side. When one passes, the
/// connection is closed and the wait fails with transient HF-REQ-09.
class HttpStream {
 public:
  static constexpr std::size_t kBufferMax = 64U << 10U;

  HttpStream(asio::ip::tcp::socket socket, const WebConfig& config);
  ~HttpStream();
  HttpStream(const HttpStream&) = delete;
  HttpStream& operator=(const HttpStream&) = delete;

  /// The next request head as it came, with its empty line. Empty: the other side closed, or sent nothing in
  /// time. Errors: invalid HF-REQ-01 (cannot become a head), HF-REQ-08 (too long); transient; canceled.
  Task<Result<std::string>> read_head(bool first);

  /// Some bytes of a body, those already buffered first. Errors: transient (closed, or none in time),
  /// canceled.
  Task<Result<std::size_t>> read_some(std::span<char> into);

  /// Bytes that came and were not read yet; `fill` waits for more of them, up to kBufferMax. Errors: as
  /// read_some.
  [[nodiscard]] std::string_view buffered() const;
  void consume(std::size_t count);
  Task<Result<void>> fill();

  /// Returns when the other side's system took everything. Errors: transient (closed, or not read in time),
  /// canceled.
  Task<Result<void>> write(std::string bytes);

  /// Returns when the other side closed, or sends although it is not its turn.
  Task<void> peer_gone();

  /// The other side has closed, or reset the connection.
  [[nodiscard]] bool peer_closed();

  /// Says that nothing more is sent, and reads away what still comes, so that the other side sees the answer
  /// instead of a reset connection. Bounded in time.
  Task<void> linger(Clock& clock);

  void close();

  /// The other side's IP address; empty: it is gone.
  [[nodiscard]] std::string peer() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace holdfast::web
