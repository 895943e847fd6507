#include "adapters/probe/system_prober.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <optional>

#include "adapters/asio/clock.hpp"
#include "adapters/openai/fake_endpoint.hpp"

namespace holdfast {
namespace {

using asio::ip::tcp;
using openai::FakeEndpoint;
using openai::http_answer;
using openai::Scripted;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr milliseconds kShort{300};

class SystemProberTest : public ::testing::Test {
 protected:
  Result<void> ask(ProbeTarget target) {
    std::optional<Result<void>> answer;
    io_.restart();
    asio::co_spawn(io_, prober_.ask(std::move(target)), [&](const std::exception_ptr& bug, Result<void> found) {
      EXPECT_FALSE(bug);
      answer = std::move(found);
    });
    io_.run();
    return *std::move(answer);
  }
  std::string refusal(ProbeTarget target) {
    const auto answer = ask(std::move(target));
    if (answer) return "up";
    EXPECT_EQ(answer.error().code(), "HF-SVC-04");
    EXPECT_EQ(answer.error().error_class(), ErrorClass::dependency);
    return answer.error().what();
  }
  static ProbeTarget http(const std::string& url, unsigned expect = 0) {
    return {.kind = ProbeTarget::Kind::http, .url = url, .expect = expect};
  }
  static ProbeTarget tcp_at(const std::string& address) {
    return {.kind = ProbeTarget::Kind::tcp, .address = address};
  }
  static ProbeTarget command(std::vector<std::string> words, milliseconds timeout = milliseconds{20'000}) {
    return {.kind = ProbeTarget::Kind::command, .command = std::move(words), .timeout = timeout};
  }
  /// A port of 127.0.0.1 that nobody listens on.
  std::uint16_t dead_port() {
    const tcp::acceptor once{io_, tcp::endpoint{asio::ip::address_v4::loopback(), 0}};
    return once.local_endpoint().port();
  }

  asio::io_context io_;
  SystemClock clock_{io_.get_executor()};
  SystemProber prober_{io_.get_executor(), clock_};
};

TEST_F(SystemProberTest, FR_4_AnHttpServiceIsUpWithTheStatusThatIsExpected) {
  struct Row {
    int status;
    unsigned expect;
    bool up;
  };
  for (const Row& row : {Row{200, 0, true}, Row{204, 0, true}, Row{302, 0, true}, Row{404, 0, false},
                         Row{500, 0, false}, Row{401, 401, true}, Row{200, 401, false}}) {
    FakeEndpoint endpoint{{{.bytes = http_answer(row.status, "secret")}}};
    const auto what = refusal(http(endpoint.base_url(), row.expect));
    EXPECT_EQ(what == "up", row.up) << row.status << ' ' << what;
    EXPECT_THAT(what, Not(HasSubstr("secret")));
  }
}

TEST_F(SystemProberTest, FR_4_AnHttpServiceThatAnswersNothingIsAway) {
  FakeEndpoint endpoint{{{.act = Scripted::Act::close_at_once},
                         {.act = Scripted::Act::close_in_the_middle, .bytes = "HTTP/1.1 200 x\r\nContent"},
                         {.bytes = "SSH-2.0-x\r\n\r\n"},
                         {.act = Scripted::Act::hang}}};
  for (int i = 0; i < 3; ++i) EXPECT_NE(refusal(http(endpoint.base_url())), "up") << i;
  auto hanging = http(endpoint.base_url());
  hanging.timeout = kShort;
  EXPECT_THAT(refusal(hanging), HasSubstr("the server 127.0.0.1:"));
  EXPECT_NE(refusal(http("http://127.0.0.1:" + std::to_string(dead_port()) + "/")), "up");
  EXPECT_NE(refusal(http("gopher://x")), "up");
}

TEST_F(SystemProberTest, FR_4_ATcpServiceIsUpWhenItTakesAConnection) {
  tcp::acceptor listening{io_, tcp::endpoint{asio::ip::address_v4::loopback(), 0}};
  const auto port = std::to_string(listening.local_endpoint().port());
  EXPECT_TRUE(ask(tcp_at("127.0.0.1:" + port)));
  listening.close();
  EXPECT_THAT(refusal(tcp_at("127.0.0.1:" + port)), HasSubstr("refused"));
  EXPECT_NE(refusal(tcp_at("no.such.host.invalid:1")), "up");
}

TEST_F(SystemProberTest, FR_4_ACommandIsUpWhenItEndsWell) {
  EXPECT_TRUE(ask(command({"true"})));
  EXPECT_THAT(refusal(command({"false"})), HasSubstr("ended with code 1"));
  EXPECT_THAT(refusal(command({"/bin/sh", "-c", "echo secret >&2; kill -9 $$"})), HasSubstr("signal 9"));
  EXPECT_THAT(refusal(command({"no-such-program-of-anybody"})), HasSubstr("is missing"));
  EXPECT_THAT(refusal(command({"sleep", "600"}, kShort)), HasSubstr("did not end in time"));
}

TEST_F(SystemProberTest, ACommandIsNoShell) {
  EXPECT_THAT(refusal(command({"true; false"})), HasSubstr("is missing"));
  EXPECT_TRUE(ask(command({"test", "$HOME", "=", "$HOME"})));
  EXPECT_THAT(refusal(command({"test", "$(echo a)", "=", "a"})), HasSubstr("code 1"));
}

}  // namespace
}  // namespace holdfast
