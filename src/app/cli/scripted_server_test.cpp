#include "app/cli/scripted_server.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>

/// No test itself: the server that client_test.cpp and submit_test.cpp talk to.
namespace holdfast::cli::testing_server {

std::string Peer::read_head() {
  std::string text;
  std::array<char, 4096> chunk{};
  while (text.find("\r\n\r\n") == std::string::npos) {
    const ssize_t count = recv(descriptor_, chunk.data(), chunk.size(), 0);
    if (count <= 0) return text;
    text.append(chunk.data(), static_cast<std::size_t>(count));
  }
  const auto end = text.find("\r\n\r\n") + 4;
  rest_ = text.substr(end);
  return text.substr(0, end);
}

bool Peer::discard(std::uint64_t bytes) {
  std::array<char, 65536> chunk{};
  std::uint64_t left = bytes - std::min<std::uint64_t>(bytes, rest_.size());
  while (left > 0) {
    const ssize_t count = recv(descriptor_, chunk.data(), std::min<std::uint64_t>(left, chunk.size()), 0);
    if (count <= 0) return false;
    left -= static_cast<std::uint64_t>(count);
  }
  return true;
}

void Peer::read_to_end() {
  std::array<char, 65536> chunk{};
  while (recv(descriptor_, chunk.data(), chunk.size(), 0) > 0) {
  }
}

void Peer::send(std::string_view bytes) { ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL); }

void Peer::answer(int status, std::string_view body, std::string_view headers) {
  send("HTTP/1.1 " + std::to_string(status) + " Words\r\nContent-Length: " + std::to_string(body.size()) +
       "\r\n" + std::string{headers} + "\r\n" + std::string{body});
}

void Peer::reset() {
  const linger now{.l_onoff = 1, .l_linger = 0};
  setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

ScriptedServer::ScriptedServer(std::vector<Script> scripts) : scripts_{std::move(scripts)} {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address);
  listen(listener_, 16);
  socklen_t length = sizeof address;
  getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread{[this] { serve(); }};
}

ScriptedServer::~ScriptedServer() {
  shutdown(listener_, SHUT_RDWR);
  thread_.join();
  close(listener_);
}

void ScriptedServer::serve() {
  for (;;) {
    const int descriptor = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (descriptor < 0) return;
    const std::size_t number = std::min<std::size_t>(connections_++, scripts_.size() - 1);
    Peer peer{descriptor};
    scripts_[number](peer);
    close(descriptor);
  }
}

}  // namespace holdfast::cli::testing_server
