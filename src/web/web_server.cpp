#include "web/web_server.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <list>

#include "async/task_group.hpp"
#include "web/connection.hpp"
#include "web/context.hpp"
#include "web/problem.hpp"
#include "web/routes/routes.hpp"

namespace holdfast::web {
namespace {

using asio::ip::tcp;

/// Out of descriptors or memory: accepting again at once would only spin.
constexpr milliseconds kAcceptPause{200};

/// The socket is new, so its buffer takes the answer without waiting.
void turn_away(tcp::socket socket, WallTime now) {
  const Error full{ErrorClass::overloaded, "HF-SRV-04", "too many connections"};
  const Response problem = to_problem(full, "");
  const std::string bytes = to_head(problem, {.keep_alive = false, .now = now}) + problem.body;
  (void)::send(socket.native_handle(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  boost::system::error_code ignored;  // it is closed next
  (void)socket.shutdown(tcp::socket::shutdown_send, ignored);
}

}  // namespace

struct WebServer::Impl {
  Impl(asio::any_io_executor on, Deps deps, WebConfig config)
      : executor{on}, context{std::move(deps), std::move(config)}, acceptor{on}, group{on, context.clock()} {
    context.routes = all_routes();
  }

  Task<void> accept_all() {
    while (acceptor.is_open()) {
      auto [ec, socket] = co_await acceptor.async_accept(asio::as_tuple(asio::use_awaitable));
      if (ec == asio::error::operation_aborted) co_return;
      if (ec) {
        const auto slept = co_await context.clock().sleep_until(context.clock().mono_now() + kAcceptPause);
        if (!slept) co_return;
        continue;
      }
      if (connections.size() < context.config.connections_max || make_room()) {
        group.spawn(serve(std::move(socket)));
      } else {
        turn_away(std::move(socket), context.clock().wall_now());
      }
    }
  }

  /// Closes the oldest connection that no request is under way on, so that many silent ones cannot keep
  /// others out.
  bool make_room() {
    return std::ranges::any_of(connections,
                               [](Connection& connection) { return connection.close_if_idle(); });
  }

  Task<void> serve(tcp::socket socket) {
    const auto here = connections.emplace(connections.end(), std::move(socket), context);
    co_await here->serve();
    connections.erase(here);
  }

  asio::any_io_executor executor;
  Context context;
  tcp::acceptor acceptor;
  std::list<Connection> connections;
  TaskGroup group;
};

WebServer::WebServer(asio::any_io_executor executor, Deps deps, WebConfig config)
    : impl_{std::make_unique<Impl>(executor, std::move(deps), std::move(config))} {}

WebServer::~WebServer() = default;

Result<std::uint16_t> WebServer::listen(const std::string& address, std::uint16_t port) {
  boost::system::error_code ec;
  const auto ip = asio::ip::make_address(address, ec);
  if (ec)
    return fail(ErrorClass::invalid, "HF-CFG-01", "server.listen: \"" + address + "\" is not an IP address");
  const tcp::endpoint endpoint{ip, port};
  tcp::acceptor& acceptor = impl_->acceptor;
  acceptor.open(endpoint.protocol(), ec);
  if (!ec) acceptor.set_option(tcp::acceptor::reuse_address{true}, ec);
  if (!ec) acceptor.bind(endpoint, ec);
  if (!ec) acceptor.listen(asio::socket_base::max_listen_connections, ec);
  if (ec) {
    return fail(ErrorClass::transient, "HF-SRV-01",
                "cannot listen on " + address + ":" + std::to_string(port) + ": " + ec.message());
  }
  const std::uint16_t opened = acceptor.local_endpoint().port();
  impl_->context.site = {ip.is_loopback(), opened, impl_->context.config.public_url};
  impl_->group.spawn(impl_->accept_all());
  return opened;
}

Task<void> WebServer::stop(milliseconds grace) {
  boost::system::error_code ignored;  // it is gone either way
  (void)impl_->acceptor.close(ignored);
  impl_->context.stop.stop();
  for (Connection& connection : impl_->connections) (void)connection.close_if_idle();
  co_await impl_->group.stop(grace);
}

}  // namespace holdfast::web
