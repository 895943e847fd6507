#include "app/cli/client.hpp"

#include <algorithm>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cctype>
#include <optional>

#include "app/cli/connection.hpp"
#include "app/cli/problem.hpp"

namespace holdfast::cli {

namespace {

namespace http = boost::beast::http;
using Parser = http::response_parser<http::string_body>;

constexpr std::uint32_t kHeadMax = 32U << 10U;

std::unexpected<Error> broken_exchange(std::string what) {
  return fail(ErrorClass::transient, kUnreachable, std::move(what));
}

/// Takes an answer apart as it comes in.
class Answer {
 public:
  Answer() { begin(); }

  /// Errors: unknown HF-CLI-04 (not HTTP, too long).
  Result<void> take(std::string_view bytes) {
    held_ += bytes;
    while (!held_.empty() && !done()) {
      boost::beast::error_code problem;
      const auto used = parser_->put(boost::asio::buffer(held_), problem);
      held_.erase(0, used);
      if (problem && problem != http::error::need_more) return refuse(problem.message());
      skip_interim();
      if (problem == http::error::need_more) return {};
    }
    return {};
  }

  /// The other side closed. Errors: transient HF-CLI-02 (in the middle of the answer).
  Result<void> end() {
    boost::beast::error_code problem;
    if (!done() && parser_->got_some()) parser_->put_eof(problem);
    if (!done()) return broken_exchange("the server closed the connection before it had answered");
    return {};
  }

  [[nodiscard]] bool begun() const { return parser_->got_some() || !held_.empty(); }
  [[nodiscard]] bool done() const { return parser_->is_done(); }

  Response release() {
    auto message = parser_->release();
    Response response{.status = message.result_int(), .headers = {}, .body = std::move(message.body())};
    for (const auto& field : message) {
      std::string name{field.name_string()};
      std::ranges::transform(name, name.begin(),
                             [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
      response.headers.insert_or_assign(std::move(name), std::string{field.value()});
    }
    return response;
  }

 private:
  void begin() {
    parser_.emplace();
    parser_->eager(true);
    parser_->header_limit(kHeadMax);
    parser_->body_limit(kAnswerMax);
  }

  /// 100 Continue and its like come before the answer that counts.
  void skip_interim() {
    if (parser_->is_header_done() && parser_->get().result_int() / 100 == 1) begin();
  }

  static std::unexpected<Error> refuse(const std::string& why) {
    return fail(ErrorClass::unknown, kBadAnswer, "the answer cannot be understood: " + why);
  }

  std::optional<Parser> parser_;
  std::string held_;
};

std::string head_of(const Address& address, const Request& request) {
  const bool has_body = request.upload != nullptr || !request.body.empty() || request.method != "GET";
  const std::uint64_t length = request.upload != nullptr ? request.upload->size() : request.body.size();
  std::string head = request.method + " " + address.prefix + request.target + " HTTP/1.1\r\n";
  const bool v6 = address.host.find(':') != std::string::npos;
  head += "Host: " + (v6 ? "[" + address.host + "]" : address.host) + ":" + address.port + "\r\n";
  head += "Connection: close\r\nUser-Agent: holdfast/" HF_VERSION "\r\n";
  for (const auto& [name, value] : request.headers) head += name + ": " + value + "\r\n";
  if (has_body) head += "Content-Length: " + std::to_string(length) + "\r\n";
  return head + "\r\n";
}

/// What is still to be sent: head, then body, one chunk in memory at a time.
class Outgoing {
 public:
  Outgoing(const Address& address, const Request& request)
      : request_{request}, chunk_{head_of(address, request) + request.body} {}

  [[nodiscard]] bool done() const { return chunk_.empty() && read_ == total(); }

  /// Errors: as Connection::send_some and Source::read.
  Result<void> send_to(Connection& connection) {
    if (chunk_.empty()) {
      HF_TRY(chunk_, request_.upload->read(read_));
      read_ += chunk_.size();
    }
    HF_TRY(const std::size_t count, connection.send_some(std::string_view{chunk_}.substr(sent_)));
    sent_ += count;
    if (sent_ < chunk_.size()) return {};
    chunk_.clear();
    sent_ = 0;
    if (request_.on_sent && request_.upload != nullptr) request_.on_sent(read_);
    return {};
  }

 private:
  [[nodiscard]] std::uint64_t total() const {
    return request_.upload == nullptr ? 0 : request_.upload->size();
  }

  const Request& request_;
  std::string chunk_;
  std::size_t sent_ = 0;
  std::uint64_t read_ = 0;
};

/// Reads what has come. After a broken send the answer may already lie here: it is what counts.
Result<void> take_received(Connection& connection, Answer& answer) {
  HF_TRY(const auto received, connection.receive_some());
  if (received.ended) return answer.end();
  return answer.take(received.bytes);
}

/// The send failed: a server that refuses early answers and closes, so its answer is looked for before giving
/// up.
Result<void> drain(Connection& connection, Answer& answer, const Error& why, milliseconds time) {
  while (!answer.done()) {
    HF_TRY(const auto ready, connection.wait(false, time));
    if (!ready.readable || !take_received(connection, answer)) return std::unexpected{why};
  }
  return {};
}

Result<void> send_and_watch(Connection& connection, Outgoing& outgoing, Answer& answer,
                            const Timeouts& timeouts) {
  while (!outgoing.done() && !answer.begun()) {
    HF_TRY(const auto ready, connection.wait(true, timeouts.send));
    if (!ready.readable && !ready.writable) return broken_exchange("the server takes no bytes any more");
    if (ready.readable) {
      HF_TRY_VOID(take_received(connection, answer));
    } else if (const auto sent = outgoing.send_to(connection); !sent) {
      if (sent.error().code() != kUnreachable) return std::unexpected{sent.error()};
      return drain(connection, answer, sent.error(), timeouts.receive);
    }
  }
  return {};
}

Result<void> take_answer(Connection& connection, Answer& answer, const Timeouts& timeouts) {
  while (!answer.done()) {
    HF_TRY(const auto ready, connection.wait(false, answer.begun() ? timeouts.receive : timeouts.answer));
    if (!ready.readable) return broken_exchange("the server did not answer in time");
    HF_TRY_VOID(take_received(connection, answer));
  }
  return {};
}

}  // namespace

std::string Response::header(std::string_view name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? "" : found->second;
}

Result<Address> parse_address(std::string_view url) {
  constexpr std::string_view kScheme = "http://";
  const std::string shown{url};
  const auto wrong = [&] {
    return fail(ErrorClass::invalid, kUsage,
                "\"" + shown + "\" is not an address such as http://127.0.0.1:8642");
  };
  if (!url.starts_with(kScheme)) return wrong();
  url.remove_prefix(kScheme.size());
  const auto slash = url.find('/');
  std::string_view host = url.substr(0, slash);
  Address address;
  if (slash != std::string_view::npos) address.prefix = url.substr(slash);
  while (address.prefix.ends_with('/')) address.prefix.pop_back();
  const auto bracket = host.rfind(']');
  const auto colon = host.rfind(':');
  if (colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket)) {
    address.port = host.substr(colon + 1);
    host = host.substr(0, colon);
  }
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  address.host = host;
  const bool digits = !address.port.empty() && address.port.size() <= 5 &&
                      address.port.find_first_not_of("0123456789") == std::string::npos;
  const bool clean = url.find_first_of(" \r\n\t@?#") == std::string_view::npos;
  if (address.host.empty() || !digits || !clean) return wrong();
  return address;
}

Result<Response> exchange(const Address& address, const Request& request, const Timeouts& timeouts) {
  HF_TRY(Connection connection, Connection::open(address, timeouts.connect));
  Outgoing outgoing{address, request};
  Answer answer;
  HF_TRY_VOID(send_and_watch(connection, outgoing, answer, timeouts));
  HF_TRY_VOID(take_answer(connection, answer, timeouts));
  return answer.release();
}

std::string percent_encode(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char letter : text) {
    const auto byte = static_cast<unsigned char>(letter);
    const bool plain =
        std::isalnum(byte) != 0 || letter == '-' || letter == '.' || letter == '_' || letter == '~';
    if (plain) {
      out += letter;
    } else {
      out += '%';
      out += kDigits[byte >> 4U];
      out += kDigits[byte & 15U];
    }
  }
  return out;
}

}  // namespace holdfast::cli
