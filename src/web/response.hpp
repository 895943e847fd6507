#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "ports/task.hpp"

namespace holdfast::web {

/// Where a streamed answer goes.
class ResponseSink {
 public:
  virtual ~ResponseSink() = default;
  /// Waits until the other side has taken it, so memory does not grow. Errors: transient (the other side is
  /// gone, or does not read), canceled.
  virtual Task<Result<void>> write(std::string bytes) = 0;
  /// Returns when the other side has closed the connection, or was told to stop waiting.
  virtual Task<void> peer_gone() = 0;
};

/// Writes the body of an answer whose head has been sent. What it returns as an error ends the connection.
using Streamer = std::move_only_function<Task<Result<void>>(ResponseSink* sink)>;

/// An answer. With `stream` the body comes from there, of `stream_bytes` if that is known.
struct Response {
  unsigned status = 200;
  std::vector<std::pair<std::string, std::string>> fields;
  std::string body;
  Streamer stream;
  std::optional<std::uint64_t> stream_bytes;
  /// Called once the client's system has taken all of it and the client has not closed: as sure as a server can be
  /// that it was had.
  std::move_only_function<Task<void>()> had{};

  Response& with(std::string name, std::string value) &;
  Response&& with(std::string name, std::string value) &&;
  [[nodiscard]] bool has(std::string_view name) const;
};

Response make_response(unsigned status, std::string media_type, std::string body);

/// How the connection goes on after an answer.
struct Framing {
  bool keep_alive = true;
  bool chunked = false;  ///< a streamed body of unknown length, to a client that speaks HTTP/1.1
  WallTime now{};
};

/// Status line and header fields, with the security headers that every answer carries. A value with control
/// characters in it is left out: it cannot be sent and nobody could have meant it.
std::string to_head(const Response& response, const Framing& framing);

/// "Sun, 22 Nov 2026 04:19:07 GMT". Source: RFC 9110, section 5.6.7.
std::string to_http_date(WallTime time);

std::string_view reason_of(unsigned status);

}  // namespace holdfast::web
