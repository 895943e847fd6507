#include "app/cli/connection.hpp"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "app/cli/interrupt.hpp"
#include "app/cli/problem.hpp"

namespace holdfast::cli {

namespace {

constexpr std::size_t kReceiveMax = 64U << 10U;

using AddressList = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

std::unexpected<Error> broken_connection(const std::string& what, int problem) {
  return fail(ErrorClass::transient, kUnreachable, what + ": " + std::strerror(problem));
}

Result<AddressList> resolve(const Address& address) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int problem = getaddrinfo(address.host.c_str(), address.port.c_str(), &hints, &found);
  if (problem == 0) return AddressList{found, &freeaddrinfo};
  return fail(ErrorClass::transient, kUnreachable,
              "the server " + address.host + " is not known: " + gai_strerror(problem));
}

std::string where(const Address& address) { return "the server at " + address.host + ":" + address.port; }

}  // namespace

Connection::~Connection() {
  if (descriptor_ >= 0) close(descriptor_);
}

Connection& Connection::operator=(Connection&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

Result<Connection> Connection::open(const Address& address, milliseconds time) {
  HF_TRY(const AddressList list, resolve(address));
  int problem = 0;
  for (const addrinfo* at = list.get(); at != nullptr; at = at->ai_next) {
    Connection connection{
        socket(at->ai_family, at->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, at->ai_protocol)};
    const int started = connect(connection.descriptor_, at->ai_addr, at->ai_addrlen);
    problem = started == 0 ? 0 : errno;
    if (problem == EINPROGRESS) {
      HF_TRY(const Ready ready, connection.wait(true, time));
      socklen_t length = sizeof problem;
      if (!ready.writable && !ready.readable)
        problem = ETIMEDOUT;
      else
        getsockopt(connection.descriptor_, SOL_SOCKET, SO_ERROR, &problem, &length);
    }
    if (problem == 0) return connection;
  }
  return broken_connection(where(address) + " cannot be reached", problem);
}

Result<Connection::Ready> Connection::wait(bool to_write, milliseconds time) {
  pollfd entry{.fd = descriptor_, .events = POLLIN, .revents = 0};
  if (to_write) entry.events = POLLIN | POLLOUT;
  HF_TRY(const bool any, interrupt::wait_for({&entry, 1}, time));
  if (!any) return Ready{};
  const bool trouble = (entry.revents & (POLLERR | POLLHUP | POLLNVAL)) != 0;
  return Ready{.readable = trouble || (entry.revents & POLLIN) != 0,
               .writable = (entry.revents & POLLOUT) != 0};
}

Result<std::size_t> Connection::send_some(std::string_view bytes) {
  const ssize_t count = send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (count >= 0) return static_cast<std::size_t>(count);
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return std::size_t{0};
  return broken_connection("the connection broke while sending", errno);
}

Result<Connection::Received> Connection::receive_some() {
  Received received;
  received.bytes.resize(kReceiveMax);
  const ssize_t count = recv(descriptor_, received.bytes.data(), received.bytes.size(), 0);
  const int problem = errno;
  received.bytes.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  received.ended = count == 0;
  if (count >= 0 || problem == EAGAIN || problem == EWOULDBLOCK || problem == EINTR) return received;
  return broken_connection("the connection broke before the answer was complete", problem);
}

}  // namespace holdfast::cli
