#include "adapters/openai/http_call.hpp"

#include <openssl/ssl.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>

namespace holdfast::openai {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;
using std::chrono::steady_clock;
using Request = http::request<http::string_body>;
using Endpoints = tcp::resolver::results_type;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
constexpr std::uint32_t kHeaderMax = 16U << 10U;

std::unexpected<Error> away(const HttpCall& call, const error_code& error) {
  if (error == asio::error::operation_aborted) return fail(ErrorClass::canceled, "HF-SRV-02", "stopped");
  return fail(
      ErrorClass::dependency, "HF-LLM-01",
      call.peer + " " + host_header(call.url) + " cannot be reached: " + error.message());
}

std::unexpected<Error> no_answer(const HttpCall& call, const error_code& error) {
  if (error == asio::error::operation_aborted) return fail(ErrorClass::canceled, "HF-SRV-02", "stopped");
  const bool too_large = error == http::error::body_limit || error == http::error::header_limit;
  const bool garbled = error.category() == make_error_code(http::error::bad_version).category() &&
                       error != http::error::end_of_stream && error != http::error::partial_message;
  if (too_large || garbled) {
    return fail(ErrorClass::transient, "HF-LLM-03",
                "the endpoint's answer cannot be used: " + error.message());
  }
  return fail(
      ErrorClass::transient, "HF-LLM-01",
      call.peer + " " + host_header(call.url) + " gave no answer: " + error.message());
}

Request make_request(const HttpCall& call) {
  Request request{call.body.empty() ? http::verb::get : http::verb::post, call.url.path + call.path, 11};
  request.set(http::field::host, host_header(call.url));
  request.set(http::field::user_agent, "holdfast/" HF_VERSION);
  request.set(http::field::accept, "application/json");
  request.set(http::field::connection, "close");
  for (const auto& [name, value] : call.headers) request.set(name, value);
  if (!call.bearer.empty()) request.set(http::field::authorization, "Bearer " + call.bearer);
  if (call.body.empty()) return request;
  request.set(http::field::content_type, "application/json");
  request.body() = call.body;
  request.prepare_payload();
  return request;
}

/// Errors: those of the resolver; timed_out.
Task<std::tuple<error_code, Endpoints>> resolve(std::string host, std::string port, milliseconds time_max) {
  using namespace asio::experimental::awaitable_operators;
  const auto executor = co_await asio::this_coro::executor;
  tcp::resolver resolver{executor};
  asio::steady_timer timer{executor, time_max};
  auto looking = resolver.async_resolve(host, port, kAwait);
  auto waiting = timer.async_wait(kAwait);
  auto first = co_await (std::move(looking) || std::move(waiting));
  if (first.index() == 0) co_return std::get<0>(std::move(first));
  co_return std::tuple{error_code{asio::error::timed_out}, Endpoints{}};
}

template <class Stream>
Task<Result<HttpAnswer>> exchange(Stream* stream, HttpCall call, steady_clock::time_point deadline) {
  Request request = make_request(call);
  beast::get_lowest_layer(*stream).expires_at(deadline);
  const auto [not_sent, bytes_sent] = co_await http::async_write(*stream, request, kAwait);
  if (not_sent) co_return no_answer(call, not_sent);

  beast::flat_buffer buffer{kAnswerMax + kHeaderMax};
  http::response_parser<http::string_body> parser;
  parser.body_limit(kAnswerMax);
  parser.header_limit(kHeaderMax);
  const auto [not_read, bytes_read] = co_await http::async_read(*stream, buffer, parser, kAwait);
  if (not_read) co_return no_answer(call, not_read);
  auto response = parser.release();
  HttpAnswer answer{.status = response.result_int(), .body = std::move(response.body())};
  answer.retry_after = std::string{response[http::field::retry_after]};
  co_return answer;
}

Task<Result<HttpAnswer>> call_tls(beast::tcp_stream stream, HttpCall call,
                                  std::shared_ptr<asio::ssl::context> tls,
                                  steady_clock::time_point deadline) {
  beast::ssl_stream<beast::tcp_stream> secure{std::move(stream), *tls};
  secure.set_verify_mode(asio::ssl::verify_peer);
  secure.set_verify_callback(asio::ssl::host_name_verification{call.url.host});
  if (SSL_set_tlsext_host_name(secure.native_handle(), call.url.host.c_str()) != 1) {
    co_return away(call, asio::error::invalid_argument);
  }
  const auto [refused] = co_await secure.async_handshake(asio::ssl::stream_base::client, kAwait);
  if (refused) co_return away(call, refused);
  auto exchanging = exchange(&secure, std::move(call), deadline);
  co_return co_await std::move(exchanging);
}

}  // namespace

Task<Result<HttpAnswer>> call(HttpCall call, std::shared_ptr<asio::ssl::context> tls) {
  const auto deadline = steady_clock::now() + call.time_max;
  const auto connect_by = steady_clock::now() + std::min(call.connect_max, call.time_max);
  auto resolving = resolve(call.url.host, call.url.port, std::min(call.connect_max, call.time_max));
  const auto [unknown, endpoints] = co_await std::move(resolving);
  if (unknown) co_return away(call, unknown);

  beast::tcp_stream stream{co_await asio::this_coro::executor};
  stream.expires_at(connect_by);
  const auto [refused, endpoint] = co_await stream.async_connect(endpoints, kAwait);
  if (refused) co_return away(call, refused);
  if (call.url.tls) {
    auto calling = call_tls(std::move(stream), std::move(call), std::move(tls), deadline);
    co_return co_await std::move(calling);
  }
  auto exchanging = exchange(&stream, std::move(call), deadline);
  co_return co_await std::move(exchanging);
}

Result<std::shared_ptr<asio::ssl::context>> make_tls(const std::string& ca_file) {
  auto tls =
      std::make_shared<asio::ssl::context>(asio::ssl::context::tls_client);  // shared with calls under way
  error_code bad;
  if (SSL_CTX_set_min_proto_version(tls->native_handle(), TLS1_2_VERSION) != 1)
    bad = asio::error::invalid_argument;
  if (!bad && ca_file.empty()) tls->set_default_verify_paths(bad);
  if (!bad && !ca_file.empty()) tls->load_verify_file(ca_file, bad);
  if (bad)
    return fail(ErrorClass::dependency, "HF-LLM-01",
                "no certificates to check the endpoint against: " + bad.message());
  return tls;
}

}  // namespace holdfast::openai
