#include "adapters/process/frame_channel.hpp"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "core/base/frame.hpp"
#include "ports/worker_pool.hpp"

namespace holdfast {
namespace {

constexpr std::size_t kReadAtOnce = 64U << 10U;

std::unexpected<Error> gone(std::string what) {
  return fail(ErrorClass::transient, kWorkerDied, std::move(what));
}

bool not_now(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

struct Control {
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> bytes{};
};

void attach(msghdr& message, Control& control, int fd) {
  message.msg_control = control.bytes.data();
  message.msg_controllen = control.bytes.size();
  cmsghdr* part = CMSG_FIRSTHDR(&message);
  part->cmsg_level = SOL_SOCKET;
  part->cmsg_type = SCM_RIGHTS;
  part->cmsg_len = CMSG_LEN(sizeof fd);
  std::memcpy(CMSG_DATA(part), &fd, sizeof fd);
}

}  // namespace

FrameChannel::FrameChannel(const asio::any_io_executor& executor, Clock& clock, UniqueFd socket)
    : clock_{clock}, socket_{executor, socket.release()} {}

Task<Result<void>> FrameChannel::send(std::string body, UniqueFd attachment, MonoTime deadline) {
  if (body.size() > frame::kBodyMax)
    co_return fail(ErrorClass::permanent, "HF-SRV-01", "the request is too large");
  const std::string bytes = frame::encode(body);
  for (std::size_t sent = 0; sent < bytes.size();) {
    HF_CO_TRY(const std::size_t more,
              send_some(std::string_view{bytes}.substr(sent), sent == 0 ? attachment.get() : -1));
    sent += more;
    if (more > 0) continue;
    auto writable = process::ready(socket_, process::Descriptor::wait_write, clock_, deadline);
    HF_CO_TRY_VOID(co_await std::move(writable));
  }
  co_return Result<void>{};
}

Result<std::size_t> FrameChannel::send_some(std::string_view bytes, int attachment) {
  iovec range{.iov_base = const_cast<char*>(bytes.data()), .iov_len = bytes.size()};
  Control control;
  msghdr message{};
  message.msg_iov = &range;
  message.msg_iovlen = 1;
  if (attachment >= 0) attach(message, control, attachment);
  const ssize_t sent = ::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent >= 0) return static_cast<std::size_t>(sent);
  if (not_now(errno)) return 0U;
  return gone("send: " + std::generic_category().message(errno));
}

Task<Result<std::string>> FrameChannel::receive(MonoTime deadline) {
  std::string body;
  for (;;) {
    HF_CO_TRY(const bool whole, take_frame(body));
    if (whole) co_return body;
    auto readable = process::ready(socket_, process::Descriptor::wait_read, clock_, deadline);
    HF_CO_TRY_VOID(co_await std::move(readable));
    HF_CO_TRY_VOID(read_some());
  }
}

/// Plain recv: descriptors that a worker might send are closed by the kernel.
Result<void> FrameChannel::read_some() {
  std::array<char, kReadAtOnce> piece;
  const ssize_t got = ::recv(socket_.native_handle(), piece.data(), piece.size(), MSG_DONTWAIT);
  if (got < 0 && not_now(errno)) return {};
  if (got < 0) return gone("receive: " + std::generic_category().message(errno));
  if (got == 0)
    return gone(received_.empty() ? "the worker is gone" : "the worker is gone in the middle of a frame");
  received_.append(piece.data(), static_cast<std::size_t>(got));
  return {};
}

Result<bool> FrameChannel::take_frame(std::string& body) {
  if (received_.size() < frame::kHeaderBytes) return false;
  const std::size_t length = frame::body_length(received_);
  if (length > frame::kBodyMax)
    return gone("the worker announced a frame of " + std::to_string(length) + " bytes");
  if (received_.size() < frame::kHeaderBytes + length) return false;
  body = received_.substr(frame::kHeaderBytes, length);
  received_.erase(0, frame::kHeaderBytes + length);
  return true;
}

}  // namespace holdfast
