#include "app/drill/stand_in.hpp"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cstdlib>
#include <string_view>
#include <vector>

namespace holdfast::drill {
namespace {

constexpr int kLookEveryMs = 20;
constexpr std::size_t kSilentMax = 64;  ///< connections that are kept open and hear nothing
constexpr std::string_view kAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";

UniqueFd listen_on(std::uint16_t port) {
  UniqueFd socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  const int yes = 1;
  ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address{.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
  const bool well = ::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
                    ::listen(socket.get(), 16) == 0;
  if (!well) std::abort();
  return socket;
}

std::uint16_t port_of(const UniqueFd& socket) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

void answer(const UniqueFd& line) {
  pollfd entry{.fd = line.get(), .events = POLLIN, .revents = 0};
  std::array<char, 4096> request{};
  if (::poll(&entry, 1, 200) > 0) std::ignore = ::recv(line.get(), request.data(), request.size(), 0);
  std::ignore = ::send(line.get(), kAnswer.data(), kAnswer.size(), MSG_NOSIGNAL);
}

}  // namespace

StandIn::StandIn() { open_port(); }
StandIn::~StandIn() { close_port(); }

void StandIn::open_port() {
  listening_ = listen_on(port_);
  port_ = port_of(listening_);
  stopping_ = false;
  thread_ = std::thread{[this] { serve(); }};
}

void StandIn::close_port() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
  listening_.reset();
}

void StandIn::serve() {
  std::vector<UniqueFd> silent;
  while (!stopping_) {
    pollfd entry{.fd = listening_.get(), .events = POLLIN, .revents = 0};
    if (::poll(&entry, 1, kLookEveryMs) <= 0) continue;
    UniqueFd line{::accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC)};
    if (!line) continue;
    if (mood_ == Mood::well) {
      answer(line);
      answered_ += 1;
    } else if (silent.size() < kSilentMax) {
      silent.push_back(std::move(line));
    }
  }
}

}  // namespace holdfast::drill
