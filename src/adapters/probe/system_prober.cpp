#include "adapters/probe/system_prober.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "adapters/ffmpeg/commands.hpp"
#include "adapters/openai/http_call.hpp"
#include "adapters/process/child_process.hpp"

namespace holdfast {
namespace {

using asio::ip::tcp;
using boost::system::error_code;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

std::unexpected<Error> away(const std::string& what) { return fail(ErrorClass::dependency, "HF-SVC-04", what); }

std::unexpected<Error> away(Error error) {
  if (error.error_class() == ErrorClass::canceled) return std::unexpected{std::move(error)};
  return away(error.what());
}

/// Errors: what the system says.
Task<error_code> connect(std::string host, std::string port) {
  const auto executor = co_await asio::this_coro::executor;
  tcp::resolver resolver{executor};
  const auto [unknown, endpoints] = co_await resolver.async_resolve(host, port, kAwait);
  if (unknown) co_return unknown;
  tcp::socket socket{executor};
  const auto [refused, endpoint] = co_await asio::async_connect(socket, endpoints, kAwait);
  co_return refused;
}

/// HOST:PORT, brackets around an IPv6 address.
std::pair<std::string, std::string> split(const std::string& address) {
  const auto colon = address.rfind(':');
  std::string host = address.substr(0, colon);
  if (host.size() > 2 && host.front() == '[') host = host.substr(1, host.size() - 2);
  return {std::move(host), colon == std::string::npos ? std::string{} : address.substr(colon + 1)};
}

Task<Result<void>> ask_tcp(ProbeTarget target) {
  using namespace asio::experimental::awaitable_operators;
  const auto [host, port] = split(target.address);
  asio::steady_timer timer{co_await asio::this_coro::executor, target.timeout};
  auto connecting = connect(host, port);
  auto waiting = timer.async_wait(kAwait);
  const auto first = co_await (std::move(connecting) || std::move(waiting));
  const bool overdue = first.index() == 1;
  const error_code problem = overdue ? std::get<0>(std::get<1>(first)) : std::get<0>(first);
  if (problem == asio::error::operation_aborted) co_return fail(ErrorClass::canceled, "HF-SRV-02", "stopped");
  if (overdue) co_return away(target.address + " took no connection in time");
  if (problem) co_return away(target.address + " takes no connection: " + problem.message());
  co_return Result<void>{};
}

bool is_expected(unsigned status, unsigned expect) {
  return expect != 0 ? status == expect : status >= 200 && status < 400;
}

}  // namespace

Task<Result<void>> SystemProber::ask(ProbeTarget target) {
  switch (target.kind) {
    case ProbeTarget::Kind::http:
      return ask_http(std::move(target));
    case ProbeTarget::Kind::tcp:
      return ask_tcp(std::move(target));
    case ProbeTarget::Kind::command:
      return ask_command(std::move(target));
  }
  std::unreachable();
}

Task<Result<void>> SystemProber::ask_http(ProbeTarget target) {
  auto url = openai::parse_url(target.url);
  if (!url) co_return away(std::move(url).error());
  if (url->tls && !tls_) {
    auto made = openai::make_tls({});
    if (!made) co_return away(std::move(made).error());
    tls_ = *std::move(made);
  }
  openai::HttpCall call{.url = *std::move(url),
                        .peer = "the server",
                        .connect_max = target.timeout,
                        .time_max = target.timeout};
  if (call.url.path.empty()) call.path = "/";
  auto calling = openai::call(std::move(call), tls_);
  auto answer = co_await std::move(calling);
  if (!answer) co_return away(std::move(answer).error());
  if (is_expected(answer->status, target.expect)) co_return Result<void>{};
  co_return away("the answer has status " + std::to_string(answer->status));
}

Task<Result<void>> SystemProber::ask_command(ProbeTarget target) {
  const auto program = ffmpeg::find_program(target.command.front());
  if (!program) co_return away("the program " + target.command.front() + " is missing");
  ChildSpec spec{.command = target.command};
  spec.command.front() = program->string();
  auto child = ChildProcess::spawn(executor_, clock_, spec);
  if (!child) co_return away(std::move(child).error());
  auto waiting = (*child)->wait(clock_.mono_now() + target.timeout);
  auto end = co_await std::move(waiting);
  if (!end && end.error().error_class() == ErrorClass::canceled) co_return std::unexpected{std::move(end).error()};
  if (!end) co_return away("the command did not end in time");
  if (end->ok()) co_return Result<void>{};
  co_return away("the command " + describe(*end));
}

}  // namespace holdfast
