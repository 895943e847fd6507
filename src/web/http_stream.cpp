#include "web/http_stream.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/core/tcp_stream.hpp>

#include "web/header_value.hpp"
#include "web/request_head.hpp"

namespace holdfast::web {
namespace {

namespace beast = boost::beast;

/// Each of these has its own deadline, so a slow reader is told from one that does not read.
constexpr std::size_t kWriteSlice = 128U << 10U;
constexpr std::size_t kReadSlice = 16U << 10U;
constexpr std::string_view kHeadEnd = "\r\n\r\n";

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);

Error to_error(const boost::system::error_code& ec) {
  if (ec == beast::error::timeout) return {ErrorClass::transient, "HF-REQ-09", "nothing came in time"};
  if (ec == asio::error::operation_aborted)
    return {ErrorClass::canceled, "HF-SRV-02", "the connection is being closed"};
  return {ErrorClass::transient, "HF-UPL-10", "the connection ended"};
}

/// Can these bytes still become a head? Found early, so that a wrong client is told instead of waited for.
bool may_become_head(std::string_view bytes) {
  if (bytes.empty() || bytes == "\r") return true;
  if (!is_token(bytes.substr(0, 1))) return false;
  for (auto at = bytes.find('\n'); at != std::string_view::npos; at = bytes.find('\n', at + 1)) {
    if (at == 0 || bytes[at - 1] != '\r') return false;
  }
  return true;
}

}  // namespace

struct HttpStream::Impl {
  Impl(asio::ip::tcp::socket socket, const WebConfig& limits) : stream{std::move(socket)}, config{limits} {}

  /// Appends what comes next, at most `room` bytes.
  Task<Result<void>> receive(std::size_t room) {
    const std::size_t before = buffer.size();
    buffer.resize(before + std::min(room, kReadSlice));
    const asio::mutable_buffer space{buffer.data() + before, buffer.size() - before};
    const auto [ec, count] = co_await stream.async_read_some(space, kTuple);
    buffer.resize(before + count);
    if (ec) co_return std::unexpected(to_error(ec));
    co_return Result<void>{};
  }

  beast::tcp_stream stream;
  WebConfig config;
  std::string buffer;
};

HttpStream::HttpStream(asio::ip::tcp::socket socket, const WebConfig& config)
    : impl_{std::make_unique<Impl>(std::move(socket), config)} {
  boost::system::error_code ignored;  // without it answers are only slower
  (void)impl_->stream.socket().set_option(asio::ip::tcp::no_delay{true}, ignored);
}

std::string HttpStream::peer() const {
  boost::system::error_code gone;
  const auto endpoint = impl_->stream.socket().remote_endpoint(gone);
  return gone ? std::string{} : endpoint.address().to_string();
}

HttpStream::~HttpStream() = default;

Task<Result<std::string>> HttpStream::read_head(bool first) {
  std::string& buffer = impl_->buffer;
  bool begun = !buffer.empty();
  impl_->stream.expires_after(first || begun ? impl_->config.head_time : impl_->config.keep_alive_time);
  for (;;) {
    while (buffer.starts_with("\r\n")) buffer.erase(0, 2);
    const auto end = buffer.find(kHeadEnd);
    if (!may_become_head(std::string_view{buffer}.substr(0, end))) {
      co_return fail(ErrorClass::invalid, "HF-REQ-01", "this is not an HTTP request");
    }
    if (std::min(end, buffer.size()) > RequestHead::kBytesMax) {
      co_return fail(ErrorClass::invalid, "HF-REQ-08", "the header is too long");
    }
    if (end != std::string::npos) {
      std::string head = buffer.substr(0, end + kHeadEnd.size());
      buffer.erase(0, head.size());
      co_return head;
    }
    const auto received = co_await impl_->receive(kBufferMax - buffer.size());
    if (!received && buffer.empty()) co_return std::string{};
    if (!received) co_return std::unexpected(received.error());
    if (!begun) impl_->stream.expires_after(impl_->config.head_time);
    begun = true;
  }
}

Task<Result<std::size_t>> HttpStream::read_some(std::span<char> into) {
  std::string& buffer = impl_->buffer;
  if (!buffer.empty()) {
    const std::size_t count = buffer.copy(into.data(), into.size());
    buffer.erase(0, count);
    co_return count;
  }
  impl_->stream.expires_after(impl_->config.idle_time);
  const asio::mutable_buffer space{into.data(), into.size()};
  const auto [ec, count] = co_await impl_->stream.async_read_some(space, kTuple);
  if (ec) co_return std::unexpected(to_error(ec));
  co_return count;
}

std::string_view HttpStream::buffered() const { return impl_->buffer; }

void HttpStream::consume(std::size_t count) { impl_->buffer.erase(0, count); }

Task<Result<void>> HttpStream::fill() {
  if (impl_->buffer.size() >= kBufferMax)
    co_return fail(ErrorClass::invalid, "HF-REQ-01", "a chunk's header is too long");
  impl_->stream.expires_after(impl_->config.idle_time);
  co_return co_await impl_->receive(kBufferMax - impl_->buffer.size());
}

Task<Result<void>> HttpStream::write(std::string bytes) {
  for (std::size_t sent = 0; sent < bytes.size();) {
    const std::size_t slice = std::min(bytes.size() - sent, kWriteSlice);
    impl_->stream.expires_after(impl_->config.idle_time);
    const asio::const_buffer piece{bytes.data() + sent, slice};
    const auto [ec, count] = co_await asio::async_write(impl_->stream, piece, kTuple);
    if (ec) co_return std::unexpected(to_error(ec));
    sent += count;
  }
  co_return Result<void>{};
}

Task<void> HttpStream::peer_gone() {
  const auto [ec] = co_await impl_->stream.socket().async_wait(asio::ip::tcp::socket::wait_read, kTuple);
  (void)ec;  // readable, broken or told to stop: in each case nobody is waited for any more
}

bool HttpStream::peer_closed() {
  char byte = 0;
  const auto count = ::recv(impl_->stream.socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return count == 0 || (count < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
}

Task<void> HttpStream::linger(Clock& clock) {
  boost::system::error_code ec;
  impl_->stream.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ec);
  if (ec) co_return;
  const MonoTime until = clock.mono_now() + impl_->config.linger_time;
  impl_->buffer.clear();
  std::string waste(kBufferMax, '\0');
  while (clock.mono_now() < until) {
    impl_->stream.expires_after(std::chrono::duration_cast<milliseconds>(until - clock.mono_now()));
    const asio::mutable_buffer space{waste.data(), waste.size()};
    const auto [failed, count] = co_await impl_->stream.async_read_some(space, kTuple);
    if (failed) co_return;
  }
}

void HttpStream::close() { impl_->stream.close(); }

}  // namespace holdfast::web
