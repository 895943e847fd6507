#pragma once

#include <string>
#include <string_view>

#include "app/cli/client.hpp"

namespace holdfast::cli {

/// A TCP connection that never blocks longer than it is told.
class Connection {
 public:
  /// Tries the host's addresses in turn. Errors: transient HF-CLI-02, canceled.
  static Result<Connection> open(const Address& address, milliseconds time);

  Connection(Connection&& other) noexcept : descriptor_{other.descriptor_} { other.descriptor_ = -1; }
  Connection& operator=(Connection&& other) noexcept;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  struct Ready {
    bool readable = false;
    bool writable = false;
  };
  /// Waits until something can be read (or, when `to_write`, written); neither: the time is over. Errors:
  /// canceled.
  Result<Ready> wait(bool to_write, milliseconds time);
  /// How many bytes were taken; 0: none just now. Errors: transient HF-CLI-02.
  Result<std::size_t> send_some(std::string_view bytes);

  struct Received {
    std::string bytes;
    bool ended = false;
  };
  /// What is there; empty and not ended: nothing just now. Errors: transient HF-CLI-02.
  Result<Received> receive_some();

 private:
  explicit Connection(int descriptor) : descriptor_{descriptor} {}
  int descriptor_ = -1;
};

}  // namespace holdfast::cli
