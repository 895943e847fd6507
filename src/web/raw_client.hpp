#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

namespace holdfast::web::testing {

struct Answer {
  unsigned status = 0;  ///< 0: the connection ended without an answer
  std::string head;
  std::string body;

  /// Value of a field as it stands in the head; empty: there is none.
  [[nodiscard]] std::string field(std::string_view name) const {
    const std::string start = "\r\n" + std::string{name} + ": ";
    const auto at = head.find(start);
    if (at == std::string::npos) return {};
    return head.substr(at + start.size(), head.find("\r\n", at + 2) - at - start.size());
  }
};

/// For tests: a client that sends exactly the bytes it is told to. No wait lasts longer than 20 s.
class RawClient {
 public:
  RawClient() : socket_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    const timeval patience{.tv_sec = 20};
    (void)::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    (void)::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  }
  explicit RawClient(std::uint16_t port) : RawClient{} { connect(port); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;
  ~RawClient() { close(); }

  void connect(std::uint16_t port) {
    sockaddr_in address{.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    (void)::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  }
  void close() {
    if (socket_ >= 0) (void)::close(std::exchange(socket_, -1));
  }
  void finish_sending() { (void)::shutdown(socket_, SHUT_WR); }

  /// False when the other side does not take it any more.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  /// The next answer. A body without a length is read to the end of the connection.
  Answer receive(bool with_body = true) {
    Answer answer;
    if (!read_until("\r\n\r\n")) return answer;
    const auto end = received_.find("\r\n\r\n");
    answer.head = received_.substr(0, end + 2);
    received_.erase(0, end + 4);
    std::from_chars(answer.head.data() + 9, answer.head.data() + 12, answer.status);
    if (!with_body || answer.status == 204 || answer.status == 304 || answer.status == 100) return answer;
    const std::string length = answer.field("Content-Length");
    if (length.empty()) {
      while (more()) continue;
      answer.body = std::exchange(received_, {});
      return answer;
    }
    const std::size_t bytes = std::stoul(length);
    while (received_.size() < bytes && more()) continue;
    answer.body = received_.substr(0, bytes);
    received_.erase(0, answer.body.size());
    return answer;
  }

  Answer ask(std::string_view request) {
    (void)send(request);
    return receive(!request.starts_with("HEAD"));
  }

  /// Reads on until this text has come. What was read stays readable in `received`.
  bool read_until(std::string_view text) {
    while (received_.find(text) == std::string::npos) {
      if (!more()) return false;
    }
    return true;
  }
  /// True when the other side ended the connection, after whatever it still sent.
  bool is_closed() {
    while (more()) continue;
    return closed_;
  }
  [[nodiscard]] const std::string& received() const { return received_; }

 private:
  bool more() {
    char bytes[65536];
    const ssize_t count = ::recv(socket_, bytes, sizeof bytes, 0);
    closed_ = count == 0 || (count < 0 && (errno == ECONNRESET || errno == EPIPE));
    if (count <= 0) return false;
    received_.append(bytes, static_cast<std::size_t>(count));
    return true;
  }

  int socket_;
  bool closed_ = false;
  std::string received_;
};

}  // namespace holdfast::web::testing
