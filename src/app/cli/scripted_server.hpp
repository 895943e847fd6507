#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

/// A server for tests that does to each connection what the test says, in order.
namespace holdfast::cli::testing_server {

/// The server's end of one connection.
class Peer {
 public:
  explicit Peer(int descriptor) : descriptor_{descriptor} {}
  /// Up to and with the empty line.
  std::string read_head();
  /// So many bytes of the body, thrown away. False: the client went away first.
  bool discard(std::uint64_t bytes);
  /// Everything until the client goes away.
  void read_to_end();
  void send(std::string_view bytes);
  /// "HTTP/1.1 STATUS" with a JSON body.
  void answer(int status, std::string_view body, std::string_view headers = "");
  /// Breaks the connection, so that the client sees a reset.
  void reset();

 private:
  int descriptor_;
  std::string rest_;
};

using Script = std::function<void(Peer&)>;

class ScriptedServer {
 public:
  /// Each connection gets the next script; after the last one it gets the last one again.
  explicit ScriptedServer(std::vector<Script> scripts);
  ~ScriptedServer();
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] unsigned port() const { return port_; }
  [[nodiscard]] unsigned connections() const { return connections_; }

 private:
  void serve();

  std::vector<Script> scripts_;
  int listener_ = -1;
  unsigned port_ = 0;
  std::atomic<unsigned> connections_{0};
  std::thread thread_;
};

}  // namespace holdfast::cli::testing_server
