#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace holdfast::openai {

/// What the fake endpoint does with one request.
struct Scripted {
  enum class Act { answer, close_at_once, close_in_the_middle, hang } act = Act::answer;
  std::string bytes;   ///< the raw HTTP answer
  bool stays = false;  ///< the connection is kept for the next one
};

inline std::string http_answer(int status, const std::string& body, const std::string& headers = {}) {
  return "HTTP/1.1 " + std::to_string(status) + " x\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n" + headers + "\r\n" + body;
}

/// An endpoint on a free port of 127.0.0.1 that follows a script, one connection after another, and remembers
/// what it was asked. For tests.
class FakeEndpoint {
 public:
  using Request = boost::beast::http::request<boost::beast::http::string_body>;

  explicit FakeEndpoint(std::deque<Scripted> script, std::unique_ptr<boost::asio::ssl::context> tls = nullptr)
      : script_{std::move(script)}, tls_{std::move(tls)}, server_{[this] { serve(); }} {}
  ~FakeEndpoint() {
    stopping_ = true;
    let_go_.set_value();
    boost::system::error_code ignored;
    tcp::socket waker{io_};
    waker.connect(acceptor_.local_endpoint(), ignored);  // ends a waiting accept
    server_.join();
  }
  [[nodiscard]] std::string base_url() const {
    const auto port = std::to_string(acceptor_.local_endpoint().port());
    return (tls_ ? "https://localhost:" : "http://127.0.0.1:") + port + "/v1";
  }
  /// Waits until there has been one more request than was asked for before. An empty one: none comes.
  Request next_request() {
    std::unique_lock lock{mutex_};
    if (!changed_.wait_for(lock, std::chrono::seconds{60}, [&] { return !requests_.empty(); })) return {};
    auto request = std::move(requests_.front());
    requests_.pop_front();
    return request;
  }
  [[nodiscard]] unsigned connections() const { return connections_; }

 private:
  using tcp = boost::asio::ip::tcp;

  void serve() {
    for (;;) {
      tcp::socket socket = acceptor_.accept();
      if (stopping_) return;
      ++connections_;
      if (script_.empty() || script_.front().act == Scripted::Act::close_at_once) {
        if (!script_.empty()) script_.pop_front();
        continue;
      }
      if (!tls_) {
        serve_on(socket);
        continue;
      }
      boost::asio::ssl::stream<tcp::socket&> secure{socket, *tls_};
      boost::system::error_code refused;
      secure.handshake(boost::asio::ssl::stream_base::server, refused);
      if (!refused) serve_on(secure);
      if (refused) script_.pop_front();
    }
  }
  template <class Stream>
  void serve_on(Stream& stream) {
    for (bool stays = true; stays && !script_.empty();) {
      const Scripted script = script_.front();
      script_.pop_front();
      stays = script.stays;
      follow(stream, script);
    }
  }
  template <class Stream>
  void follow(Stream& stream, const Scripted& script) {
    boost::beast::flat_buffer buffer;
    Request request;
    boost::system::error_code failed;
    boost::beast::http::read(stream, buffer, request, failed);
    if (failed) return;
    {
      const std::lock_guard lock{mutex_};
      requests_.push_back(std::move(request));
      changed_.notify_all();
    }
    if (script.act == Scripted::Act::hang) return gone_.wait();
    const auto length = script.act == Scripted::Act::answer ? script.bytes.size() : script.bytes.size() / 2;
    boost::asio::write(stream, boost::asio::buffer(script.bytes.data(), length), failed);
  }

  boost::asio::io_context io_;
  tcp::acceptor acceptor_{io_, tcp::endpoint{boost::asio::ip::address_v4::loopback(), 0}};
  std::deque<Scripted> script_;
  std::atomic<unsigned> connections_ = 0;
  std::unique_ptr<boost::asio::ssl::context> tls_;
  std::atomic<bool> stopping_ = false;
  std::promise<void> let_go_;
  std::future<void> gone_ = let_go_.get_future();
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Request> requests_;
  std::thread server_;
};

}  // namespace holdfast::openai
