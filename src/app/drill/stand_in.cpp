#include "app/drill/stand_in.hpp"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <tuple>
#include <vector>

namespace holdfast::drill {
namespace {

constexpr int kAcceptWaitMs = 20;
constexpr std::size_t kSilentMax = 64;  ///< connections that are kept open and hear nothing
constexpr int kRequestWaitMs = 200;      ///< for the rest of a request
constexpr std::size_t kRequestMax = 1U << 20U;

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

std::string answer_of(const std::string& words) {
  return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(words.size()) +
         "\r\nConnection: close\r\n\r\n" + words;
}

/// So many bytes a request has whose head is there; nothing: it is not.
std::optional<std::size_t> length_of(const std::string& request) {
  constexpr std::string_view kField = "content-length: ";
  const auto head = request.find("\r\n\r\n");
  if (head == std::string::npos) return std::nullopt;
  std::string fields = request.substr(0, head);
  for (char& letter : fields) letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  const auto field = fields.find(kField);
  if (field == std::string::npos) return head + 4;
  return head + 4 + std::strtoull(fields.c_str() + field + kField.size(), nullptr, 10);
}

/// All of it, as far as it comes: who closes while something is unread takes his own answer back.
void hear_out(const UniqueFd& line) {
  std::string request;
  std::array<char, 4096> some{};
  pollfd entry{.fd = line.get(), .events = POLLIN, .revents = 0};
  while (request.size() < std::min(length_of(request).value_or(kRequestMax), kRequestMax)) {
    if (::poll(&entry, 1, kRequestWaitMs) <= 0) return;
    const auto got = ::recv(line.get(), some.data(), some.size(), 0);
    if (got <= 0) return;
    request.append(some.data(), static_cast<std::size_t>(got));
  }
}

}  // namespace

StandIn::StandIn(std::string words) : answer_{answer_of(words)} { open_port(); }
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
    if (::poll(&entry, 1, kAcceptWaitMs) <= 0) continue;
    UniqueFd line{::accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC)};
    if (!line) continue;
    if (mood_ == Mood::well) {
      hear_out(line);
      std::ignore = ::send(line.get(), answer_.data(), answer_.size(), MSG_NOSIGNAL);
      answered_ += 1;
    } else if (silent.size() < kSilentMax) {
      silent.push_back(std::move(line));
    }
  }
}

}  // namespace holdfast::drill
