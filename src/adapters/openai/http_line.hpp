#pragma once

#include <boost/asio/ssl/context.hpp>
#include <chrono>
#include <memory>
#include <span>
#include <string_view>
#include <tuple>
#include <vector>

#include "adapters/openai/url.hpp"
#include "ports/task.hpp"

namespace holdfast::openai {

using boost::system::error_code;
using Deadline = std::chrono::steady_clock::time_point;

/// A connection to one server, with TLS or without. Used on the executor on which it was made.
class HttpLine {
 public:
  virtual ~HttpLine() = default;
  /// What is under way then, or is begun later, fails as timed out.
  virtual void end_at(Deadline deadline) = 0;
  virtual Task<error_code> write(std::string_view bytes) = 0;
  /// Waits for the next bytes; how many have come. Error: eof, where the server has closed.
  virtual Task<std::tuple<error_code, std::size_t>> read_some(std::span<char> room) = 0;
  /// Neither closed nor written to by the server since the last read.
  virtual bool quiet() = 0;
};

/// Looks the name up, connects and greets, all of it until `connect_by`. `tls`: needed where the url wants it.
Task<std::tuple<error_code, std::unique_ptr<HttpLine>>> connect(Url url, std::shared_ptr<asio::ssl::context> tls,
                                                                Deadline connect_by);

/// Lines to one server that wait for the next call: who asks often does not connect each time.
class IdleLines {
 public:
  /// A line that nothing was asked of for longer may be closed by the server at the very moment in which we ask.
  /// Shorter than what servers have as a default (5 s: Node.js and uvicorn).
  static constexpr std::chrono::milliseconds kIdleMax{4'000};
  static constexpr std::size_t kLinesMax = 8;

  /// The one that was used last; none: connect.
  std::unique_ptr<HttpLine> take();
  void keep(std::unique_ptr<HttpLine> line);

 private:
  struct Idle {
    std::unique_ptr<HttpLine> line;
    std::chrono::steady_clock::time_point since;
  };
  std::vector<Idle> lines_;
};

}  // namespace holdfast::openai
