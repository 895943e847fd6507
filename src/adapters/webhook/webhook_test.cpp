#include "adapters/webhook/webhook.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "adapters/asio/clock.hpp"
#include "adapters/openai/fake_endpoint.hpp"
#include "adapters/openai/self_signed.hpp"
#include "adapters/webhook/signature.hpp"

namespace holdfast::webhook {
namespace {

using openai::FakeEndpoint;
using openai::http_answer;
using openai::Scripted;
using openai::SelfSigned;
using ::testing::HasSubstr;
using ::testing::Not;

// The example that the specification gives for its signature scheme.
constexpr const char* kSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
constexpr const char* kBody = R"({"test": 2432232314})";

TEST(WebhookSignature, IsTheOneThatTheSpecificationGivesAsItsExample) {
  const auto secret = secret_bytes(kSecret);
  ASSERT_TRUE(secret);

  EXPECT_EQ(signature(*secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", kBody),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

TEST(WebhookSecret, IsBase64BehindItsPrefixAndElseTheTextItself) {
  EXPECT_EQ(secret_bytes("sixteen letters!").value(), "sixteen letters!");
  EXPECT_EQ(secret_bytes("whsec_c2l4dGVlbiBsZXR0ZXJzIQ==").value(), "sixteen letters!");
}

TEST(WebhookSecret, OneThatKeepsNoSecretIsRefusedAndNotRepeated) {
  for (const char* bad : {"canary", "whsec_", "whsec_canary!", "whsec_c2hvcnQ=", "whsec_c2l4dGVlbiBsZXR0ZXJzIQ"}) {
    const auto secret = secret_bytes(bad);
    ASSERT_FALSE(secret) << bad;
    EXPECT_EQ(secret.error().code(), "HF-CFG-01");
    EXPECT_THAT(secret.error().what(), Not(HasSubstr("canary")));
  }
}

TEST(WebhookAddress, MayHaveAQueryButNeitherAUserNorAFragment) {
  const auto address = read_address("https://hooks.example.org/a/b/?key=1&x=@");
  ASSERT_TRUE(address);
  EXPECT_EQ(address->url.host + address->path, "hooks.example.org/a/b/?key=1&x=@");
  EXPECT_EQ(read_address("http://127.0.0.1:9").value().path, "/");
  EXPECT_EQ(read_address("http://127.0.0.1:9?a").value().path, "/?a");

  for (const char* bad : {"ftp://canary/", "http://", "http://canary:x@host/", "http://host/canary#x",
                          "http://host/canary x", "http://host:canary/", "canary"}) {
    const auto refused = read_address(bad);
    ASSERT_FALSE(refused) << bad;
    EXPECT_THAT(refused.error().what(), Not(HasSubstr("canary")));
  }
}

/// Sends to a script of answers.
class WebhookTest : public ::testing::Test {
 protected:
  Result<void> send(const std::string& url, std::string secret = {}, milliseconds timeout = milliseconds{5'000}) {
    return send({.url = url, .secret = std::move(secret), .timeout = timeout});
  }
  Result<void> send(WebhookConfig config) {
    auto hook = Webhook::open(std::move(config), clock_);
    if (!hook) return std::unexpected{hook.error()};
    Result<void> answer;
    auto sending = (*hook)->send({.id = "alr_1", .json = kBody});
    asio::co_spawn(io_, std::move(sending),
                   [&answer](std::exception_ptr, Result<void> sent) { answer = std::move(sent); });
    io_.restart();
    io_.run();
    return answer;
  }

  asio::io_context io_{1};
  SystemClock clock_{io_.get_executor()};
};

TEST_F(WebhookTest, ANoticeIsPostedAndSigned) {
  FakeEndpoint endpoint{{{.bytes = http_answer(204, "")}}};

  EXPECT_TRUE(send(endpoint.base_url() + "/hook?key=1", kSecret));

  const auto request = endpoint.next_request();
  EXPECT_EQ(request.method_string(), "POST");
  EXPECT_EQ(request.target(), "/v1/hook?key=1");
  EXPECT_EQ(request["content-type"], "application/json");
  EXPECT_EQ(request["webhook-id"], "alr_1");
  EXPECT_EQ(request.body(), kBody);
  EXPECT_EQ(request["webhook-signature"],
            signature(secret_bytes(kSecret).value(), "alr_1", std::string{request["webhook-timestamp"]}, kBody));
}

TEST_F(WebhookTest, WithoutASecretNothingIsSigned) {
  FakeEndpoint endpoint{{{.bytes = http_answer(200, "")}}};

  EXPECT_TRUE(send(endpoint.base_url()));

  EXPECT_EQ(endpoint.next_request().count("webhook-signature"), 0U);
}

TEST_F(WebhookTest, NothingButASuccessMeansTakenAndNoRedirectionIsFollowed) {
  FakeEndpoint elsewhere{{}};
  const std::string to_there = "Location: " + elsewhere.base_url() + "\r\n";
  FakeEndpoint endpoint{{{.bytes = http_answer(302, "", to_there)},
                         {.bytes = http_answer(500, "canary")},
                         {.bytes = http_answer(429, "")},
                         {.act = Scripted::Act::close_at_once}}};
  for (int i = 0; i < 4; ++i) {
    const auto sent = send(endpoint.base_url());
    ASSERT_FALSE(sent);
    EXPECT_EQ(sent.error().code(), "HF-ALR-01");
    EXPECT_THAT(sent.error().what(), Not(HasSubstr("canary")));
  }
}

TEST_F(WebhookTest, OneThatRefusesWhatItIsSentIsToldFromOneThatIsBusy) {
  for (const unsigned status : {400U, 401U, 404U, 410U, 422U}) {
    FakeEndpoint endpoint{{{.bytes = http_answer(static_cast<int>(status), "canary")}}};
    const auto sent = send(endpoint.base_url());
    EXPECT_EQ(sent.error().error_class(), ErrorClass::permanent) << status;
    EXPECT_EQ(sent.error().code(), "HF-ALR-02");
  }
  for (const unsigned status : {302U, 408U, 425U, 429U, 500U, 503U}) {
    FakeEndpoint endpoint{{{.bytes = http_answer(static_cast<int>(status), "")}}};
    EXPECT_EQ(send(endpoint.base_url()).error().error_class(), ErrorClass::dependency) << status;
  }
}

/// What a receiver with this certificate is told, by somebody who trusts `authority`. Empty: it was taken.
class WebhookTlsTest : public WebhookTest {
 protected:
  std::string send_to(const SelfSigned& certificate, const std::string& authority) {
    FakeEndpoint endpoint{{{.bytes = http_answer(204, "")}}, certificate.server()};
    const auto sent = send({.url = endpoint.base_url(), .ca_file = authority});
    if (!sent) EXPECT_EQ(sent.error().code(), "HF-ALR-01");
    return sent ? "" : sent.error().what();
  }
};

TEST_F(WebhookTlsTest, SpeaksTlsWithWhomItKnows) {
  const SelfSigned certificate;
  EXPECT_EQ(send_to(certificate, certificate.authority()), "");
}

TEST_F(WebhookTlsTest, NobodyElseIsTold) {
  const SelfSigned stranger;
  const SelfSigned other_name{"hooks.example.org"};
  const SelfSigned expired{"localhost", -30};
  EXPECT_THAT(send_to(stranger, ""), HasSubstr("certificate verify failed")) << "the system does not know it";
  EXPECT_THAT(send_to(stranger, other_name.authority()), HasSubstr("certificate verify failed"));
  EXPECT_THAT(send_to(other_name, other_name.authority()), HasSubstr("certificate verify failed"));
  EXPECT_THAT(send_to(expired, expired.authority()), HasSubstr("certificate verify failed"));
}

TEST_F(WebhookTest, AReceiverThatNeverAnswersIsNotWaitedForForEver) {
  FakeEndpoint endpoint{{{.act = Scripted::Act::hang}}};

  const auto sent = send(endpoint.base_url(), {}, milliseconds{100});

  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().code(), "HF-ALR-01");
}

}  // namespace
}  // namespace holdfast::webhook
