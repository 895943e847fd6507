/// http_bench PORT CLIENTS SECONDS text|wav BYTES: as many keep-alive connections as clients, each sending one small
/// job after the other to the recipe `cycle` and waiting for each durable answer; then waits until all of them are
/// completed. A text is kept in its job, a recording is a file. Prints answers a second while they were sent, life
/// cycles (saved, claimed, completed) a second until the last one was over, and the latency of an answer.

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Steady = std::chrono::steady_clock;

/// What intake must see of a recording: RIFF, WAVE, 16 kHz, mono, 16 bit, more to come than can be.
constexpr std::string_view kWavHead{
    "RIFF\xff\xff\xff\x7fWAVEfmt \x10\0\0\0\x01\0\x01\0\x80\x3e\0\0\0\x7d\0\0\x02\0\x10\0data\xff\xff\xff\x7f", 44};

struct Run {
  unsigned short port = 0;
  Steady::time_point end;
  std::string request;
  std::size_t answered = 0;
  std::vector<double> latencies_ms;
  bool failed = false;
};

double seconds_since(Steady::time_point start) {
  return std::chrono::duration<double>(Steady::now() - start).count();
}

/// Reads one answer and returns its body; `status` is its first line.
asio::awaitable<std::string> read_answer(tcp::socket* socket, std::string* buffer, std::string* status) {
  const std::size_t head_bytes =
      co_await asio::async_read_until(*socket, asio::dynamic_buffer(*buffer), "\r\n\r\n", asio::use_awaitable);
  const std::string head = buffer->substr(0, head_bytes);
  *status = head.substr(0, head.find('\r'));
  const auto at = head.find("Content-Length: ");
  const std::size_t length = at == std::string::npos ? 0 : std::strtoul(head.c_str() + at + 16, nullptr, 10);
  if (buffer->size() < head_bytes + length) {
    const std::size_t missing = head_bytes + length - buffer->size();
    co_await asio::async_read(*socket, asio::dynamic_buffer(*buffer), asio::transfer_exactly(missing),
                              asio::use_awaitable);
  }
  std::string body = buffer->substr(head_bytes, length);
  buffer->erase(0, head_bytes + length);
  co_return body;
}

asio::awaitable<void> connect(tcp::socket* socket, unsigned short port) {
  const tcp::endpoint server{asio::ip::address_v4::loopback(), port};
  co_await socket->async_connect(server, asio::use_awaitable);
  socket->set_option(tcp::no_delay{true});
}

asio::awaitable<void> client(Run* run) {
  tcp::socket socket{co_await asio::this_coro::executor};
  co_await connect(&socket, run->port);
  std::string buffer;
  std::string status;
  while (Steady::now() < run->end) {
    const auto sent = Steady::now();
    co_await asio::async_write(socket, asio::buffer(run->request), asio::use_awaitable);
    (void)co_await read_answer(&socket, &buffer, &status);
    run->latencies_ms.push_back(seconds_since(sent) * 1e3);
    run->failed |= !status.starts_with("HTTP/1.1 201");
    run->answered += 1;
  }
}

/// Whether no job is waiting or worked on, as the server says.
asio::awaitable<bool> all_over(tcp::socket* socket, std::string* buffer, const std::string* ask) {
  co_await asio::async_write(*socket, asio::buffer(*ask), asio::use_awaitable);
  std::string status;
  const std::string body = co_await read_answer(socket, buffer, &status);
  co_return body.find("\"status\":\"pending\"") == std::string::npos &&
      body.find("\"status\":\"processing\"") == std::string::npos;
}

asio::awaitable<void> wait_until_over(Run* run) {
  tcp::socket socket{co_await asio::this_coro::executor};
  co_await connect(&socket, run->port);
  const std::string ask =
      "GET /api/v1/status HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(run->port) + "\r\n\r\n";
  std::string buffer;
  asio::steady_timer pause{co_await asio::this_coro::executor};
  while (!co_await all_over(&socket, &buffer, &ask)) {
    pause.expires_after(std::chrono::milliseconds{5});
    co_await pause.async_wait(asio::use_awaitable);
  }
}

template <class Task>
void spawn(asio::io_context& io, Run* run, Task task) {
  asio::co_spawn(io, std::move(task), [run](std::exception_ptr bug) { run->failed |= bug != nullptr; });
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) {
    std::fputs("usage: http_bench PORT CLIENTS SECONDS text|wav BYTES\n", stderr);
    return 2;
  }
  Run run{.port = static_cast<unsigned short>(std::strtoul(argv[1], nullptr, 10))};
  const bool is_text = std::string_view{argv[4]} == "text";
  std::string body(std::strtoul(argv[5], nullptr, 10), 'x');
  if (!is_text) body.replace(0, kWavHead.size(), kWavHead);
  run.request = "POST /api/v1/items?recipe=cycle HTTP/1.1\r\nHost: 127.0.0.1:" + std::string{argv[1]} +
                "\r\nContent-Type: " + (is_text ? "text/plain" : "audio/wav") +
                "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  asio::io_context io{1};
  const auto start = Steady::now();
  run.end = start + std::chrono::duration_cast<Steady::duration>(
                        std::chrono::duration<double>(std::strtod(argv[3], nullptr)));
  for (unsigned long i = std::strtoul(argv[2], nullptr, 10); i > 0; --i) spawn(io, &run, client(&run));
  io.run();
  const double sending = seconds_since(start);
  io.restart();
  spawn(io, &run, wait_until_over(&run));
  io.run();
  const double elapsed = seconds_since(start);
  if (run.failed || run.latencies_ms.empty()) {
    std::fputs("http_bench: a request failed\n", stderr);
    return 1;
  }
  std::ranges::sort(run.latencies_ms);
  std::printf("{\"answers_per_s\":%.1f,\"cycles_per_s\":%.1f,\"answer_ms_median\":%.3f}\n",
              double(run.answered) / sending, double(run.answered) / elapsed,
              run.latencies_ms[run.latencies_ms.size() / 2]);
  return 0;
}
