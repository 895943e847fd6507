#include "adapters/openai/http_line.hpp"

#include <openssl/ssl.h>
#include <sys/socket.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <cerrno>
#include <charconv>
#include <utility>

namespace holdfast::openai {
namespace {

namespace beast = boost::beast;
using asio::ip::tcp;
using std::chrono::steady_clock;
using Endpoints = tcp::resolver::results_type;
using Tls = asio::ssl::stream<beast::tcp_stream>;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

/// `Stream`: a tcp_stream, or TLS over one.
template <class Stream>
class StreamLine final : public HttpLine {
 public:
  /// `tls`: what the stream was made with has to last as long.
  StreamLine(Stream stream, std::shared_ptr<asio::ssl::context> tls)
      : tls_{std::move(tls)}, stream_{std::move(stream)} {}

  void end_at(Deadline deadline) override {
    auto& lowest = beast::get_lowest_layer(stream_);
    deadline == Deadline::max() ? lowest.expires_never() : lowest.expires_at(deadline);
  }

  Task<error_code> write(std::string_view bytes) override {
    const auto [problem, count] = co_await asio::async_write(stream_, asio::buffer(bytes), kAwait);
    co_return problem;
  }

  Task<std::tuple<error_code, std::size_t>> read_some(std::span<char> room) override {
    co_return co_await stream_.async_read_some(asio::buffer(room.data(), room.size()), kAwait);
  }

  bool quiet() override {
    char byte = 0;
    const int socket = beast::get_lowest_layer(stream_).socket().native_handle();
    return ::recv(socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN;
  }

 private:
  std::shared_ptr<asio::ssl::context> tls_;
  Stream stream_;
};

/// Errors: those of the resolver; timed_out.
Task<std::tuple<error_code, Endpoints>> look_up(std::string host, std::string port, Deadline until) {
  using namespace asio::experimental::awaitable_operators;
  const auto executor = co_await asio::this_coro::executor;
  tcp::resolver resolver{executor};
  asio::steady_timer timer{executor, until};
  auto looking = resolver.async_resolve(host, port, kAwait);
  auto waiting = timer.async_wait(kAwait);
  auto first = co_await (std::move(looking) || std::move(waiting));
  if (first.index() == 0) co_return std::get<0>(std::move(first));
  co_return std::tuple{error_code{asio::error::timed_out}, Endpoints{}};
}

/// An address as it stands needs nobody who is asked for it, on a thread of its own.
Task<std::tuple<error_code, Endpoints>> resolve(Url url, Deadline until) {
  error_code is_name;
  const auto address = asio::ip::make_address(url.host, is_name);
  if (is_name) {
    auto looking = look_up(url.host, url.port, until);
    co_return co_await std::move(looking);
  }
  std::uint16_t port = 0;
  std::from_chars(url.port.data(), url.port.data() + url.port.size(), port);  // parse_url has looked at it
  const tcp::endpoint endpoint{address, port};
  co_return std::tuple{error_code{}, Endpoints::create(endpoint, url.host, url.port)};
}

Task<error_code> greet(Tls* secure, std::string host) {
  secure->set_verify_mode(asio::ssl::verify_peer);
  secure->set_verify_callback(asio::ssl::host_name_verification{host});
  if (SSL_set_tlsext_host_name(secure->native_handle(), host.c_str()) != 1) co_return asio::error::invalid_argument;
  const auto [refused] = co_await secure->async_handshake(asio::ssl::stream_base::client, kAwait);
  co_return refused;
}

}  // namespace

Task<std::tuple<error_code, std::unique_ptr<HttpLine>>> connect(Url url, std::shared_ptr<asio::ssl::context> tls,
                                                                Deadline connect_by) {
  std::tuple<error_code, std::unique_ptr<HttpLine>> made;
  auto& [problem, line] = made;
  auto resolving = resolve(url, connect_by);
  const auto [unknown, endpoints] = co_await std::move(resolving);
  problem = unknown;
  if (problem) co_return made;

  beast::tcp_stream stream{co_await asio::this_coro::executor};
  stream.expires_at(connect_by);
  const auto [refused, endpoint] = co_await stream.async_connect(endpoints, kAwait);
  problem = refused;
  if (problem) co_return made;
  if (!url.tls) {
    line = std::make_unique<StreamLine<beast::tcp_stream>>(std::move(stream), nullptr);
    co_return made;
  }
  Tls secure{std::move(stream), *tls};
  auto greeting = greet(&secure, url.host);
  problem = co_await std::move(greeting);
  if (!problem) line = std::make_unique<StreamLine<Tls>>(std::move(secure), std::move(tls));
  co_return made;
}

std::unique_ptr<HttpLine> IdleLines::take() {
  const auto now = steady_clock::now();
  while (!lines_.empty()) {
    Idle last = std::move(lines_.back());
    lines_.pop_back();
    if (now - last.since < kIdleMax && last.line->quiet()) return std::move(last.line);
  }
  return nullptr;
}

void IdleLines::keep(std::unique_ptr<HttpLine> line) {
  const auto now = steady_clock::now();
  std::erase_if(lines_, [now](const Idle& idle) { return now - idle.since >= kIdleMax; });
  if (lines_.size() == kLinesMax) lines_.erase(lines_.begin());
  line->end_at(Deadline::max());
  lines_.push_back({std::move(line), now});
}

}  // namespace holdfast::openai
