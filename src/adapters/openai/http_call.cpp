#include "adapters/openai/http_call.hpp"

#include <openssl/ssl.h>

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/serializer.hpp>
#include <boost/beast/http/string_body.hpp>

namespace holdfast::openai {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;
using std::chrono::steady_clock;
using Request = http::request<http::string_body>;

constexpr std::uint32_t kHeaderMax = 16U << 10U;
constexpr std::size_t kReadBytes = 16U << 10U;

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

Request make_request(const HttpCall& call, bool goes_on) {
  Request request{call.body.empty() ? http::verb::get : http::verb::post, call.url.path + call.path, 11};
  request.set(http::field::host, host_header(call.url));
  request.set(http::field::user_agent, "holdfast/" HF_VERSION);
  request.set(http::field::accept, "application/json");
  if (!goes_on) request.set(http::field::connection, "close");
  for (const auto& [name, value] : call.headers) request.set(name, value);
  if (!call.bearer.empty()) request.set(http::field::authorization, "Bearer " + call.bearer);
  if (call.body.empty()) return request;
  request.set(http::field::content_type, "application/json");
  request.body() = call.body;
  request.prepare_payload();
  return request;
}

std::string to_bytes(Request request) {
  std::string bytes;
  http::request_serializer<http::string_body> serializer{request};
  error_code problem;
  while (!serializer.is_done() && !problem) {
    serializer.next(problem, [&](error_code&, const auto& buffers) {
      for (const asio::const_buffer piece : beast::buffers_range_ref(buffers))
        bytes.append(static_cast<const char*>(piece.data()), piece.size());
      serializer.consume(beast::buffer_bytes(buffers));
    });
  }
  return bytes;
}

/// An answer as it came, or why there is none.
struct Heard {
  error_code problem;
  bool silent = true;  ///< nothing has come at all
  HttpAnswer answer;
  bool goes_on = false;  ///< the server leaves the line open
};

Task<Heard> listen(HttpLine* line) {
  Heard heard;
  beast::flat_buffer buffer{kReadBytes + kHeaderMax};
  http::response_parser<http::string_body> parser;
  parser.body_limit(kAnswerMax);
  parser.header_limit(kHeaderMax);
  parser.eager(true);
  while (!parser.is_done()) {
    const auto room = buffer.prepare(kReadBytes);
    auto reading = line->read_some({static_cast<char*>(room.data()), room.size()});
    auto [problem, count] = co_await std::move(reading);
    buffer.commit(count);
    heard.silent = heard.silent && count == 0;
    if (problem == asio::error::eof && heard.silent) {
      problem = http::error::end_of_stream;
    } else if (problem == asio::error::eof) {
      problem = {};
      parser.put_eof(problem);
    } else if (!problem) {
      buffer.consume(parser.put(buffer.data(), problem));
      if (problem == http::error::need_more) problem = {};
    }
    heard.problem = problem;
    if (problem) co_return heard;
  }
  heard.goes_on = parser.keep_alive() && buffer.size() == 0;
  auto response = parser.release();
  heard.answer = {.status = response.result_int(), .body = std::move(response.body())};
  heard.answer.retry_after = std::string{response[http::field::retry_after]};
  co_return heard;
}

Task<Heard> exchange(HttpLine* line, std::string request, Deadline deadline) {
  line->end_at(deadline);
  auto writing = line->write(request);
  const error_code not_sent = co_await std::move(writing);
  if (not_sent) co_return Heard{.problem = not_sent};
  auto listening = listen(line);
  co_return co_await std::move(listening);
}

/// The line was closed without a word. Most likely the server was closing it as we asked; if it has read the request
/// after all, an answer is made that nobody hears.
bool was_closed(const Heard& heard) {
  const auto& problem = heard.problem;
  return heard.silent && (problem == http::error::end_of_stream || problem == asio::error::connection_reset ||
                          problem == asio::error::broken_pipe || problem == asio::ssl::error::stream_truncated);
}

}  // namespace

Task<Result<HttpAnswer>> call(HttpCall call, std::shared_ptr<asio::ssl::context> tls,
                              std::shared_ptr<IdleLines> idle) {
  const auto now = steady_clock::now();
  const Deadline deadline = now + call.time_max;
  const Deadline connect_by = now + std::min(call.connect_max, call.time_max);
  const std::string request = to_bytes(make_request(call, idle != nullptr));
  std::unique_ptr<HttpLine> line = idle ? idle->take() : nullptr;
  for (;;) {
    const bool kept = line != nullptr;
    if (!kept) {
      auto connecting = connect(call.url, tls, connect_by);
      auto connected = co_await std::move(connecting);
      if (std::get<0>(connected)) co_return away(call, std::get<0>(connected));
      line = std::get<1>(std::move(connected));
    }
    auto exchanging = exchange(line.get(), request, deadline);
    Heard heard = co_await std::move(exchanging);
    if (!heard.problem && idle && heard.goes_on) idle->keep(std::move(line));
    if (!heard.problem) co_return std::move(heard.answer);
    if (!kept || !was_closed(heard)) co_return no_answer(call, heard.problem);
    line.reset();
  }
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
