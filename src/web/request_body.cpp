#include "web/request_body.hpp"

#include <algorithm>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>

#include "web/header_value.hpp"

namespace holdfast::web {
namespace {

namespace http = boost::beast::http;

/// What every body needs: the answer to "Expect: 100-continue", and the minimum rate. Only time spent waiting
/// for the sender counts, never time that our own disk takes.
class Supply {
 public:
  Supply(HttpStream& stream, Clock& clock, const WebConfig& config, bool expects_continue)
      : stream_{stream}, clock_{clock}, config_{config}, owes_continue_{expects_continue} {}

  [[nodiscard]] bool owes_continue() const { return owes_continue_; }
  [[nodiscard]] HttpStream& stream() { return stream_; }

  Task<Result<void>> invite() {
    if (!std::exchange(owes_continue_, false)) co_return Result<void>{};
    std::string invitation = "HTTP/1.1 100 Continue\r\n\r\n";
    co_return co_await stream_.write(std::move(invitation));
  }

  Task<Result<std::size_t>> read_some(std::span<char> into) {
    const MonoTime begun = clock_.mono_now();
    HF_CO_TRY(const std::size_t count, co_await stream_.read_some(into));
    HF_CO_TRY_VOID(count_in(count, begun));
    co_return count;
  }

  Task<Result<void>> fill() {
    const std::size_t before = stream_.buffered().size();
    const MonoTime begun = clock_.mono_now();
    HF_CO_TRY_VOID(co_await stream_.fill());
    co_return count_in(stream_.buffered().size() - before, begun);
  }

 private:
  Result<void> count_in(std::size_t count, MonoTime begun) {
    received_ += count;
    waited_ += clock_.mono_now() - begun;
    if (waited_ <= config_.body_grace) return {};
    const auto seconds = static_cast<std::uint64_t>((waited_ - config_.body_grace).count()) / 1000;
    if (received_ >= seconds * config_.body_rate_min) return {};
    return fail(ErrorClass::transient, "HF-REQ-09", "the body comes too slowly");
  }

  HttpStream& stream_;
  Clock& clock_;
  const WebConfig& config_;
  bool owes_continue_;
  std::uint64_t received_ = 0;
  milliseconds waited_{0};
};

class FixedBody final : public StreamBody {
 public:
  FixedBody(Supply supply, std::uint64_t length) : supply_{supply}, length_{length}, left_{length} {}

  Task<Result<std::string>> read() override {
    HF_CO_TRY_VOID(co_await supply_.invite());
    std::string piece(static_cast<std::size_t>(std::min<std::uint64_t>(left_, kPieceMax)), '\0');
    for (std::size_t got = 0; got < piece.size();) {
      HF_CO_TRY(const std::size_t count, co_await supply_.read_some(std::span{piece}.subspan(got)));
      got += count;
      left_ -= count;
    }
    co_return piece;
  }
  [[nodiscard]] std::optional<std::uint64_t> length() const override { return length_; }
  [[nodiscard]] bool finished() const override { return left_ == 0; }
  [[nodiscard]] bool unasked() const override { return left_ > 0 && supply_.owes_continue(); }

 private:
  Supply supply_;
  std::uint64_t length_;
  std::uint64_t left_;
};

/// Chunked transfer coding, decoded by Beast's parser, which is given a head of ours first.
class ChunkedBody final : public StreamBody {
 public:
  explicit ChunkedBody(Supply supply) : supply_{supply} {
    static constexpr std::string_view kHead = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
    parser_.body_limit(boost::none);
    boost::system::error_code ignored;  // it is well formed
    parser_.put(asio::const_buffer{kHead.data(), kHead.size()}, ignored);
    parser_.eager(true);
  }

  Task<Result<std::string>> read() override {
    HF_CO_TRY_VOID(co_await supply_.invite());
    std::string piece(parser_.is_done() ? 0 : kPieceMax, '\0');
    auto& space = parser_.get().body();
    space.data = piece.data();
    space.size = piece.size();
    space.more = true;
    while (!parser_.is_done() && space.size > 0) {
      HF_CO_TRY(const bool wants_more, decode());
      if (wants_more) HF_CO_TRY_VOID(co_await supply_.fill());
    }
    piece.resize(piece.size() - space.size);
    co_return piece;
  }
  [[nodiscard]] std::optional<std::uint64_t> length() const override { return std::nullopt; }
  [[nodiscard]] bool finished() const override { return parser_.is_done(); }
  [[nodiscard]] bool unasked() const override { return supply_.owes_continue(); }

 private:
  /// True when it cannot go on without more bytes.
  Result<bool> decode() {
    const std::string_view bytes = supply_.stream().buffered();
    if (bytes.empty()) return true;
    boost::system::error_code ec;
    const std::size_t used = parser_.put(asio::const_buffer{bytes.data(), bytes.size()}, ec);
    supply_.stream().consume(used);
    if (ec == http::error::need_more) return true;
    if (ec && ec != http::error::need_buffer) {
      return fail(ErrorClass::invalid, "HF-REQ-01", "the chunks of the body are not well formed");
    }
    return !parser_.is_done() && parser_.get().body().size > 0 && supply_.stream().buffered().empty();
  }

  Supply supply_;
  http::request_parser<http::buffer_body> parser_;
};

class NoBody final : public StreamBody {
 public:
  Task<Result<std::string>> read() override { co_return std::string{}; }
  [[nodiscard]] std::optional<std::uint64_t> length() const override { return 0; }
  [[nodiscard]] bool finished() const override { return true; }
  [[nodiscard]] bool unasked() const override { return false; }
};

}  // namespace

Result<std::unique_ptr<StreamBody>> make_body(const RequestHead& head, HttpStream& stream, Clock& clock,
                                              const WebConfig& config) {
  const std::string expectation = head.field("expect");
  const bool expects_continue = equals_ignoring_case(expectation, "100-continue");
  if (!expectation.empty() && !expects_continue) {
    return fail(ErrorClass::invalid, "HF-REQ-01", "the only expectation is 100-continue");
  }
  if (!head.has_body()) return std::make_unique<NoBody>();
  const Supply supply{stream, clock, config, expects_continue && head.minor == 1};
  if (head.chunked) return std::make_unique<ChunkedBody>(supply);
  return std::make_unique<FixedBody>(supply, *head.content_length);
}

}  // namespace holdfast::web
