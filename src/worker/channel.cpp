#include "worker/channel.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <mutex>

#include "core/base/frame.hpp"

namespace holdfast::worker {

struct Channel::State {
  UniqueFd fd;
  std::mutex write_lock;
};

namespace {

/// Keeps the last descriptor that came and closes any other.
void take_descriptors(msghdr& message, UniqueFd& into) {
  for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr; part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(part) + i * sizeof(int), sizeof fd);
      into.reset(fd);
    }
  }
}

/// Fills `size` bytes. False: the stream ended or failed first.
bool receive_all(int socket, char* bytes, std::size_t size, UniqueFd& passed) {
  while (size > 0) {
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
    iovec range{.iov_base = bytes, .iov_len = size};
    msghdr message{};
    message.msg_iov = &range;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const ssize_t got = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    take_descriptors(message, passed);
    bytes += got;
    size -= static_cast<std::size_t>(got);
  }
  return true;
}

bool send_all(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

}  // namespace

Channel::Channel(int fd) : state_{std::make_unique<State>()} {
  state_->fd.reset(fd);
  ::fcntl(fd, F_SETFD, FD_CLOEXEC);
}

Channel::~Channel() = default;

std::optional<Incoming> Channel::read() {
  Incoming in;
  std::string header(frame::kHeaderBytes, '\0');
  if (!receive_all(state_->fd.get(), header.data(), header.size(), in.fd)) return std::nullopt;
  const std::size_t length = frame::body_length(header);
  if (length > frame::kBodyMax) return std::nullopt;
  in.body.resize(length);
  if (!receive_all(state_->fd.get(), in.body.data(), length, in.fd)) return std::nullopt;
  return in;
}

bool Channel::write(std::string_view json) {
  if (json.size() > frame::kBodyMax) return false;
  const std::lock_guard one_frame_at_a_time{state_->write_lock};
  return send_all(state_->fd.get(), frame::encode(json));
}

}  // namespace holdfast::worker
