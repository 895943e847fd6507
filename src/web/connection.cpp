#include "web/connection.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <exception>

#include "web/dialect/error.hpp"
#include "web/gate.hpp"
#include "web/header_value.hpp"
#include "web/problem.hpp"

namespace holdfast::web {
namespace {

/// A refused body that is not longer than this is read away, and the connection goes on.
constexpr std::uint64_t kRestMax = 256U << 10U;
constexpr std::size_t kRequestIdMax = 64;

bool is_request_id(std::string_view text) {
  return !text.empty() && text.size() <= kRequestIdMax && is_token(text);
}

/// In the dialect of whoever asked.
Response error_answer(const Error& error, const Exchange& exchange) {
  if (dialect::speaks(exchange.head.target)) return dialect::to_openai_error(error);
  return to_problem(error, exchange.request_id);
}

Error unexpected_error(const std::exception* problem) {
  return {ErrorClass::unknown, "HF-SRV-01", problem != nullptr ? problem->what() : "unknown"};
}

class BodyWriter final : public ResponseSink {
 public:
  BodyWriter(HttpStream& stream, bool chunked) : stream_{stream}, chunked_{chunked} {}

  Task<Result<void>> write(std::string bytes) override {
    if (bytes.empty()) co_return Result<void>{};
    if (chunked_) {
      std::array<char, 20> size{};
      (void)std::snprintf(size.data(), size.size(), "%zx\r\n", bytes.size());
      bytes = size.data() + bytes + "\r\n";
    }
    co_return co_await stream_.write(std::move(bytes));
  }
  Task<void> peer_gone() override { return stream_.peer_gone(); }

 private:
  HttpStream& stream_;
  bool chunked_;
};

class Line final : public ClientLine {
 public:
  explicit Line(HttpStream& stream) : stream_{stream} {}
  Task<void> stirred() override { return stream_.peer_gone(); }
  [[nodiscard]] bool closed() override { return stream_.peer_closed(); }

 private:
  HttpStream& stream_;
};

}  // namespace

Connection::Connection(asio::ip::tcp::socket socket, Context& context)
    : context_{context}, stream_{std::move(socket), context.config} {}

bool Connection::close_if_idle() {
  if (!idle_ || closed_) return false;
  stream_.close();
  closed_ = true;
  return true;
}

Task<void> Connection::serve() {
  try {
    co_await serve_requests();
  } catch (const std::exception&) {
    // Cancelled while it waited, or out of memory: in both cases this connection is over.
  }
  stream_.close();
}

Task<void> Connection::serve_requests() {
  for (bool first = true; !context_.stop.stopping(); first = false) {
    idle_ = true;
    auto text = co_await stream_.read_head(first);
    idle_ = false;
    if (text && text->empty()) co_return;
    auto head = text ? parse_head(*text) : Result<RequestHead>{std::unexpected(text.error())};
    if (!head) co_return co_await refuse(head.error());
    if (!co_await answer(*std::move(head))) co_return;
  }
}

/// A head that cannot be understood: nothing after it can be either.
Task<void> Connection::refuse(Error error) {
  if (error.error_class() != ErrorClass::invalid) co_return;
  const Response problem = to_problem(error, request_id_for({}));
  std::string bytes =
      to_head(problem, {.keep_alive = false, .now = context_.clock().wall_now()}) + problem.body;
  const auto sent = co_await stream_.write(std::move(bytes));
  if (sent) co_await stream_.linger(context_.clock());
}

std::string Connection::request_id_for(const RequestHead& head) const {
  const std::string given = head.field("x-request-id");
  return is_request_id(given) ? given : make_token(context_.deps.intake.entropy.roll());
}

/// Returns whether the connection can take another request.
Task<bool> Connection::answer(RequestHead head) {
  Exchange exchange{.request_id = request_id_for(head), .peer = stream_.peer()};
  auto body = make_body(head, stream_, context_.clock(), context_.config);
  if (!body) {
    co_await refuse(body.error());
    co_return false;
  }
  Line line{stream_};
  exchange.head = std::move(head);
  exchange.body = body->get();
  exchange.line = &line;

  const MonoTime began = context_.clock().mono_now();
  auto response = co_await dispatch(&exchange);
  if (!response) response = error_answer(response.error(), exchange);
  if (context_.deps.meter != nullptr && !exchange.route.empty()) {
    const milliseconds took = context_.clock().mono_now() - began;
    context_.deps.meter->request_answered(exchange.route, exchange.head.method, response->status, took);
  }
  response->with("X-Request-Id", exchange.request_id);
  co_return co_await send(*std::move(response), &exchange.head, body->get());
}

Task<Result<Response>> Connection::dispatch(Exchange* exchange) {
  HF_CO_TRY_VOID(check_site(exchange->head, context_.site));
  HF_CO_TRY(exchange->target, parse_target(exchange->head.target));
  Found found = find_route(context_.routes, exchange->head.method, exchange->target.segments);
  if (found.route == nullptr && found.allowed.empty()) {
    co_return fail(ErrorClass::not_found, "HF-REQ-06", "there is nothing at this address");
  }
  if (found.route == nullptr) {
    const Error wrong_method{ErrorClass::invalid, "HF-REQ-03", exchange->head.method + " is not among them"};
    std::string allowed;
    for (const auto method : found.allowed) allowed.append(allowed.empty() ? "" : ", ").append(method);
    co_return error_answer(wrong_method, *exchange).with("Allow", std::move(allowed));
  }
  exchange->path_values = std::move(found.path_values);
  exchange->route = found.route->path;
  try {
    co_return co_await let_pass(&context_, exchange, found.route);
  } catch (const std::exception& problem) {
    co_return std::unexpected(unexpected_error(&problem));
  }
}

bool Connection::can_go_on(const RequestHead& head, const StreamBody& body) const {
  const bool wanted = head.minor == 1 && !equals_ignoring_case(head.field("connection"), "close");
  const bool short_rest = body.finished() || (body.length() && *body.length() <= kRestMax && !body.unasked());
  return wanted && short_rest && !context_.stop.stopping();
}

Task<bool> Connection::send(Response response, const RequestHead* head, StreamBody* body) {
  Framing framing{.keep_alive = can_go_on(*head, *body), .now = context_.clock().wall_now()};
  const bool unknown_length = response.stream && !response.stream_bytes;
  framing.chunked = unknown_length && head->minor == 1;
  if (unknown_length && !framing.chunked) framing.keep_alive = false;  // its end is the end of the connection
  if (head->method == "HEAD") {
    std::string bytes = to_head(response, framing);
    const auto sent = co_await stream_.write(std::move(bytes));
    co_return sent&& framing.keep_alive;
  }
  if (response.stream) {
    auto had = std::move(response.had);
    const auto sent = co_await send_stream(std::move(response), framing);
    if (!sent) co_return false;
    if (had && !stream_.peer_closed()) co_await had();
  } else {
    std::string bytes = to_head(response, framing) + response.body;
    const auto sent = co_await stream_.write(std::move(bytes));
    if (!sent) co_return false;
    if (response.had && !stream_.peer_closed()) co_await response.had();
  }
  if (framing.keep_alive) co_return co_await take_rest(body);
  if (!body->finished()) co_await stream_.linger(context_.clock());
  co_return false;
}

Task<Result<void>> Connection::send_stream(Response response, Framing framing) {
  std::string bytes = to_head(response, framing);
  HF_CO_TRY_VOID(co_await stream_.write(std::move(bytes)));
  BodyWriter writer{stream_, framing.chunked};
  HF_CO_TRY_VOID(co_await response.stream(&writer));
  std::string last = framing.chunked ? "0\r\n\r\n" : "";
  co_return co_await stream_.write(std::move(last));
}

/// What is left of a short body that was refused.
Task<bool> Connection::take_rest(StreamBody* body) {
  while (!body->finished()) {
    const auto piece = co_await body->read();
    if (!piece) co_return false;
  }
  co_return true;
}

}  // namespace holdfast::web
