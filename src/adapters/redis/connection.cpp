#include "adapters/redis/connection.hpp"

#include <openssl/ssl.h>
#include <sys/socket.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/stream_traits.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>

namespace holdfast::redis {
namespace {

namespace beast = boost::beast;
using asio::ip::tcp;
using boost::system::error_code;
using Endpoints = tcp::resolver::results_type;
using Secure = beast::ssl_stream<beast::tcp_stream>;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

std::unexpected<Error> away(const Address& address, const char* what, const error_code& error) {
  if (error == asio::error::operation_aborted) return fail(ErrorClass::canceled, "HF-SRV-02", "stopped");
  return fail(ErrorClass::dependency, "HF-CCH-01",
              "Redis at " + address.text() + " " + what + ": " + error.message());
}

template <class Stream>
class Over final : public Connection {
 public:
  Over(Stream stream, Address address) : stream_{std::move(stream)}, address_{std::move(address)} {}

  Task<Result<Reply>> ask(std::vector<std::string> words, Deadline deadline) override {
    const std::string command = encode(words);
    beast::get_lowest_layer(stream_).expires_at(deadline);
    const auto [not_sent, sent] = co_await asio::async_write(stream_, asio::buffer(command), kAwait);
    if (not_sent) co_return away(address_, "does not take a command", not_sent);
    for (;;) {
      HF_CO_TRY(auto reply, reader_.next());
      if (reply) co_return *std::move(reply);
      const auto [not_read, size] = co_await stream_.async_read_some(asio::buffer(incoming_), kAwait);
      if (not_read) co_return away(address_, "gives no answer", not_read);
      reader_.feed({incoming_.data(), size});
    }
  }

  bool usable() override {
    char byte = 0;
    const int socket = beast::get_lowest_layer(stream_).socket().native_handle();
    return ::recv(socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
  }

 private:
  Stream stream_;
  Address address_;
  ReplyReader reader_;
  std::array<char, 16U << 10U> incoming_{};
};

/// Errors: those of the resolver; timed_out.
Task<std::tuple<error_code, Endpoints>> resolve(Address address, Deadline deadline) {
  using namespace asio::experimental::awaitable_operators;
  const auto executor = co_await asio::this_coro::executor;
  tcp::resolver resolver{executor};
  asio::steady_timer timer{executor, deadline};
  auto looking = resolver.async_resolve(address.host, address.port, kAwait);
  auto waiting = timer.async_wait(kAwait);
  auto first = co_await (std::move(looking) || std::move(waiting));
  if (first.index() == 0) co_return std::get<0>(std::move(first));
  const auto ended = std::get<0>(std::get<1>(first));
  co_return std::tuple{ended ? ended : error_code{asio::error::timed_out}, Endpoints{}};
}

Task<Result<std::unique_ptr<Connection>>> secured(beast::tcp_stream stream, Address address,
                                                  std::shared_ptr<asio::ssl::context> tls) {
  Secure secure{std::move(stream), *tls};
  secure.set_verify_mode(asio::ssl::verify_peer);
  secure.set_verify_callback(asio::ssl::host_name_verification{address.host});
  if (SSL_set_tlsext_host_name(secure.native_handle(), address.host.c_str()) != 1)
    co_return away(address, "cannot be named", asio::error::invalid_argument);
  const auto [refused] = co_await secure.async_handshake(asio::ssl::stream_base::client, kAwait);
  if (refused) co_return away(address, "cannot be trusted", refused);
  co_return std::make_unique<Over<Secure>>(std::move(secure), std::move(address));
}

}  // namespace

Task<Result<std::unique_ptr<Connection>>> connect(Address address, std::shared_ptr<asio::ssl::context> tls,
                                                  Deadline deadline) {
  auto resolving = resolve(address, deadline);
  const auto [unknown, endpoints] = co_await std::move(resolving);
  if (unknown) co_return away(address, "is not known", unknown);
  beast::tcp_stream stream{co_await asio::this_coro::executor};
  stream.expires_at(deadline);
  const auto [refused, endpoint] = co_await stream.async_connect(endpoints, kAwait);
  if (refused) co_return away(address, "takes no connection", refused);
  error_code kept_waiting;
  stream.socket().set_option(tcp::no_delay{true}, kept_waiting);  // where it cannot be set, answers are slower
  if (!address.tls) co_return std::make_unique<Over<beast::tcp_stream>>(std::move(stream), std::move(address));
  auto securing = secured(std::move(stream), std::move(address), std::move(tls));
  co_return co_await std::move(securing);
}

}  // namespace holdfast::redis
