#include "adapters/sodium/secrets.hpp"

#include <gtest/gtest.h>
#include <openssl/hmac.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>

#include "adapters/sodium/access_token.hpp"
#include "adapters/sodium/base64url.hpp"

namespace holdfast {
namespace {

using namespace asio::experimental::awaitable_operators;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr WallTime kNow{milliseconds{1'800'000'000'000}};
constexpr SodiumOptions kQuick{.memory_bytes = 8192, .passes = 1};

template <class T>
T run(Task<T> task) {
  asio::io_context io;
  std::optional<T> result;
  asio::co_spawn(io, std::move(task), [&](std::exception_ptr bug, T value) {
    if (bug) std::terminate();
    result = std::move(value);
  });
  io.run();
  return *std::move(result);
}

AccessClaims claims() {
  return {.user = "ana", .user_version = 3, .issued_at = kNow, .expires_at = kNow + minutes{15}, .id = "id"};
}

struct Token : testing::Test {
  std::unique_ptr<SodiumSecrets> secrets = SodiumSecrets::open(kQuick).value();
  std::string token = secrets->sign(claims());

  [[nodiscard]] bool good(std::string_view text, WallTime now = kNow) const {
    return secrets->verify(text, now).has_value();
  }
};

TEST_F(Token, FR_7_SaysWhatWasSignedUntilItExpires) {
  const auto read = secrets->verify(token, kNow);

  ASSERT_TRUE(read);
  EXPECT_EQ(read->user, "ana");
  EXPECT_EQ(read->user_version, 3U);
  EXPECT_EQ(read->issued_at, kNow);
  EXPECT_EQ(read->expires_at, kNow + minutes{15});
  EXPECT_TRUE(good(token, kNow + minutes{15} - milliseconds{1}));
  EXPECT_FALSE(good(token, kNow + minutes{15}));
}

TEST_F(Token, FR_7_OfTheFutureIsRefused) {
  EXPECT_TRUE(good(token, kNow - seconds{10}));
  EXPECT_FALSE(good(token, kNow - seconds{11}));
}

TEST_F(Token, FR_7_NoByteOfItCanBeChanged) {
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(good(changed)) << i;
  }
  for (std::size_t length = 0; length < token.size(); ++length) EXPECT_FALSE(good(token.substr(0, length))) << length;
  EXPECT_FALSE(good(token + "A"));
  EXPECT_FALSE(good(token + "."));
  EXPECT_FALSE(good(token + "="));
  EXPECT_FALSE(good(std::string(10'000, 'A')));
}

TEST_F(Token, FR_7_NoOtherAlgorithmAndNoOtherKeyIsTaken) {
  const auto payload = token.substr(token.find('.') + 1, token.rfind('.') - token.find('.') - 1);
  for (const char* head : {R"({"alg":"none"})", R"({"alg":"none","typ":"JWT"})", R"({"alg":"HS512","typ":"JWT"})",
                           R"({"alg":"RS256","typ":"JWT"})", R"({"typ":"JWT","alg":"HS256"})",
                           R"({"alg":"HS256","typ":"JWT","jwk":{"kty":"oct","k":"AA"}})"}) {
    const std::string unsigned_part = sodium::to_base64url(head) + "." + payload;
    EXPECT_FALSE(good(unsigned_part + "."));
    EXPECT_FALSE(good(unsigned_part + token.substr(token.rfind('.'))));
  }
  const std::string same_head = token.substr(0, token.rfind('.'));
  EXPECT_FALSE(good(same_head + "."));

  const auto other = SodiumSecrets::open(kQuick).value();
  EXPECT_FALSE(good(other->sign(claims())));
}

TEST_F(Token, FR_7_TheKeyOutlivesTheProcess) {
  const std::string kept = secrets->make_secret();
  secrets->use_key(kept);
  const auto restarted = SodiumSecrets::open(kQuick).value();
  restarted->use_key(kept);

  EXPECT_TRUE(restarted->verify(secrets->sign(claims()), kNow));
}

/// The format is everybody's: checked with another library than the one that makes it.
TEST(AccessToken, IsAJsonWebTokenSignedWithHmacSha256) {
  sodium::SigningKey key{};
  key.fill(7);

  const std::string token = sodium::to_token(claims(), key);

  const auto end = token.rfind('.');
  std::array<unsigned char, 32> tag{};
  unsigned length = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(token.data()),
       end, tag.data(), &length);
  EXPECT_EQ(token.substr(end + 1), sodium::to_base64url({reinterpret_cast<const char*>(tag.data()), length}));
  EXPECT_EQ(*sodium::from_base64url(token.substr(0, token.find('.'))), R"({"alg":"HS256","typ":"JWT"})");
  EXPECT_EQ(*sodium::from_base64url(token.substr(token.find('.') + 1, end - token.find('.') - 1)),
            R"({"sub":"ana","iat":1800000000,"exp":1800000900,"jti":"id","ver":3})");
}

TEST(Password, FR_7_IsKeptAsArgon2idWithTheParametersOfOwasp) {
  const auto secrets = SodiumSecrets::open().value();

  const std::string phc = run(secrets->hash_password("correct horse")).value();

  EXPECT_TRUE(phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$")) << phc;
  EXPECT_TRUE(run(secrets->check_password("correct horse", phc)).value());
  EXPECT_FALSE(run(secrets->check_password("correct horsf", phc)).value());
  EXPECT_NE(phc, run(secrets->hash_password("correct horse")).value()) << "every hash has a salt of its own";
}

TEST(Password, OfNobodyFitsNothing) {
  const auto secrets = SodiumSecrets::open(kQuick).value();
  EXPECT_FALSE(run(secrets->check_password("", "")).value());
  EXPECT_FALSE(run(secrets->check_password("x", "not a hash")).value());
}

TEST(Password, MoreAtOnceThanMayWaitAreRefused) {
  const auto secrets = SodiumSecrets::open({.memory_bytes = 8192, .passes = 1, .at_once = 1, .waiting_max = 1}).value();
  auto both = [](SodiumSecrets* of) -> Task<int> {
    auto first = of->hash_password("a");
    auto second = of->hash_password("b");
    const auto [one, other] = co_await (std::move(first) && std::move(second));
    co_return (one ? 1 : 0) + (other ? 1 : 0);
  };
  EXPECT_EQ(run(both(secrets.get())), 1);
  EXPECT_TRUE(run(secrets->hash_password("c")).has_value()) << "whoever comes later has a turn again";
}

TEST(Secret, HasAllTheChanceOfItsLengthAndIsKeptAsAHash) {
  const auto secrets = SodiumSecrets::open(kQuick).value();
  EXPECT_EQ(secrets->make_secret().size(), 43U);
  EXPECT_NE(secrets->make_secret(), secrets->make_secret());
  EXPECT_EQ(secrets->hash_secret("abc"), "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0");  // FIPS 180-2, B.1
}

}  // namespace
}  // namespace holdfast
