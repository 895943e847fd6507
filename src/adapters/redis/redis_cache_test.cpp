#include "adapters/redis/redis_cache.hpp"

#include <gmock/gmock.h>

#include <cstdlib>

#include "adapters/redis/redis_test_kit.hpp"
#include "tests/contract/cache_contract.hpp"

namespace holdfast {
namespace contract {
namespace {

class RedisBackend : public redis::Runner {
 public:
  static std::string missing() { return redis::RedisServer::missing(); }
  Cache& cache() { return *cache_; }
  WallTime now() { return clock().wall_now(); }
  static bool eventually(const std::function<bool()>& what) {
    for (int tries = 0; tries < 12'000; ++tries) {
      if (what()) return true;
      std::this_thread::sleep_for(milliseconds{5});
    }
    return false;
  }

 private:
  redis::RedisServer server_;
  std::unique_ptr<RedisCache> cache_ = RedisCache::open(redis::config_of(server_), clock()).value();
};

}  // namespace

INSTANTIATE_TYPED_TEST_SUITE_P(Redis, CacheContract, RedisBackend);

}  // namespace contract

namespace redis {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class RedisCacheTest : public testing::Test, protected Runner {
 protected:
  void SetUp() override {
    if (const std::string why = RedisServer::missing(); !why.empty()) GTEST_SKIP() << why;
  }
  std::unique_ptr<RedisCache> open(RedisConfig config) { return RedisCache::open(std::move(config), clock()).value(); }
  Result<bool> put(RedisCache& cache, const std::string& key, const std::string& value) {
    return run(cache.put(CacheKey{key}, {.value = value, .made_at = clock().wall_now()}, milliseconds{600'000}));
  }
  std::string value(RedisCache& cache, const std::string& key) {
    const auto found = run(cache.get(CacheKey{key}));
    if (!found) return found.error().code();
    return *found ? (*found)->value : "nothing";
  }
  /// One command past the adapter.
  Reply tell(const RedisServer& server, std::vector<std::string> words) {
    const Deadline deadline = std::chrono::steady_clock::now() + kPatience;
    auto connection = run(connect({.host = "127.0.0.1", .port = server.port()}, {}, deadline)).value();
    return run(connection->ask(std::move(words), deadline)).value();
  }
};

TEST_F(RedisCacheTest, FG_7_WhatOneServerPutsAnotherFindsUnderTheSamePrefixOnly) {
  const RedisServer server;
  const auto one = open(config_of(server));
  const auto other = open(config_of(server));
  RedisConfig elsewhere = config_of(server);
  elsewhere.prefix = "stranger";
  const auto stranger = open(std::move(elsewhere));
  ASSERT_TRUE(put(*one, "a", "1").value());
  ASSERT_TRUE(put(*stranger, "a", "2").value());

  EXPECT_EQ(value(*other, "a"), "1");
  ASSERT_TRUE(run(other->clear()));

  EXPECT_EQ(value(*one, "a"), "nothing");
  EXPECT_EQ(value(*stranger, "a"), "2") << "a clearing is that of one prefix";
  EXPECT_EQ(tell(server, {"EXISTS", "holdfast:e:a"}).number, 0) << "its memory is given back";
}

TEST_F(RedisCacheTest, AClearingThatCouldNotRemoveAnythingHoldsAllTheSame) {
  const RedisServer server;
  const auto cache = open(config_of(server));
  ASSERT_TRUE(put(*cache, "a", "1").value());
  const auto later = std::to_string((clock().wall_now() + milliseconds{60'000}).time_since_epoch().count());

  (void)tell(server, {"SET", "holdfast:cleared", later});

  EXPECT_EQ(value(*cache, "a"), "nothing");
  EXPECT_FALSE(put(*cache, "a", "2").value());
}

TEST_F(RedisCacheTest, WhatAForeignHandWroteIsNoAnswerAndIsWrittenOver) {
  const RedisServer server;
  const auto cache = open(config_of(server));
  for (const char* text : {"", "x", "12", "12x y", "99999999999999999999999 y"}) {
    (void)tell(server, {"SET", "holdfast:e:a", text});
    EXPECT_EQ(value(*cache, "a"), "nothing") << text;
  }
  EXPECT_TRUE(put(*cache, "a", "1").value());
  EXPECT_EQ(value(*cache, "a"), "1");
}

TEST_F(RedisCacheTest, FG_7_AServerThatWasKilledAndIsBackIsUsedAgain) {
  RedisServer server;
  const auto cache = open(config_of(server));
  ASSERT_TRUE(put(*cache, "a", "1").value());

  server.kill();
  EXPECT_EQ(value(*cache, "a"), "HF-CCH-01");
  EXPECT_EQ(run(cache->probe()).error().error_class(), ErrorClass::dependency);
  server.start();

  EXPECT_EQ(value(*cache, "a"), "nothing");
  EXPECT_TRUE(put(*cache, "a", "2").value());
}

TEST_F(RedisCacheTest, AnAnswerThatDoesNotComeIsNotWaitedForAndNeverTakenForThatOfTheNextQuestion) {
  RedisServer server;
  RedisConfig config = config_of(server);
  const auto patient = open(config);
  ASSERT_TRUE(put(*patient, "a", "1").value());
  config.time_max = milliseconds{50};
  const auto cache = open(std::move(config));

  server.freeze();
  EXPECT_EQ(value(*cache, "a"), "HF-CCH-01");
  server.thaw();

  EXPECT_EQ(value(*patient, "b"), "nothing");
  EXPECT_EQ(value(*patient, "a"), "1");
}

TEST_F(RedisCacheTest, AServerThatIsFullIsAwayForTheProbeToo) {
  const RedisServer server{{"--maxmemory", "100kb", "--maxmemory-policy", "noeviction"}};
  const auto cache = open(config_of(server));

  const auto probed = run(cache->probe());

  ASSERT_FALSE(probed);
  EXPECT_THAT(probed.error().what(), HasSubstr("OOM"));
  EXPECT_EQ(value(*cache, "a"), "nothing") << "reading is still possible";
}

TEST_F(RedisCacheTest, ThePasswordIsThatOfTheFileAndInNoSentence) {
  const Folder folder;
  const RedisServer server{{"--requirepass", "canary 1"}};
  RedisConfig config = config_of(server);
  const auto nobody = open(config);
  config.password_file = folder.write("password", "canary 2\n");
  const auto cache = open(config);

  EXPECT_THAT(run(nobody->probe()).error().what(), HasSubstr("NOAUTH"));
  const auto refused = run(cache->probe());
  EXPECT_THAT(refused.error().what(), HasSubstr("WRONGPASS"));
  EXPECT_THAT(refused.error().what(), Not(HasSubstr("canary")));
  folder.write("password", "canary 1\n");
  EXPECT_TRUE(run(cache->probe())) << "a file that was corrected is read anew";
  folder.write("password", "");
  const auto again = open(config);
  EXPECT_THAT(run(again->probe()).error().what(), HasSubstr("missing, empty or too long"));
}

TEST_F(RedisCacheTest, TlsIsCheckedAgainstTheAuthorityThatIsNamed) {
  const Folder folder;
  const std::string make = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 "
                           "-subj /CN=localhost -addext subjectAltName=IP:127.0.0.1 -keyout " + folder.file("key") +
                           " -out " + folder.file("certificate") + " 2>/dev/null";
  if (std::system(make.c_str()) != 0) GTEST_SKIP() << "the program openssl is not installed";
  const RedisServer server{{"--tls-cert-file", folder.file("certificate"), "--tls-key-file", folder.file("key"),
                            "--tls-ca-cert-file", folder.file("certificate"), "--tls-auth-clients", "no"},
                           false};
  RedisConfig config = config_of(server);
  config.address.tls = true;
  const auto doubtful = open(config);
  config.ca_file = folder.file("certificate");
  const auto cache = open(config);

  EXPECT_THAT(run(doubtful->probe()).error().what(), HasSubstr("cannot be trusted"));
  EXPECT_TRUE(run(cache->probe()));
  ASSERT_TRUE(put(*cache, "a", std::string(200'000, 'x')).value());
  EXPECT_EQ(value(*cache, "a").size(), 200'000U);
  config.ca_file = folder.file("nowhere");
  EXPECT_FALSE(RedisCache::open(config, clock()));
}

TEST_F(RedisCacheTest, TellsHowMuchIsThere) {
  const RedisServer server;
  const auto cache = open(config_of(server));
  EXPECT_FALSE(cache->status().entries);
  ASSERT_TRUE(put(*cache, "a", "1").value());
  ASSERT_TRUE(run(cache->probe()));

  EXPECT_EQ(cache->status().entries, 2U) << "the answer, and what the probe wrote";
  EXPECT_GT(cache->status().bytes.value(), 100'000U);
}

TEST_F(RedisCacheTest, MoreCallsThanThereMayBeAreRefusedAndTheOthersWork) {
  const RedisServer server;
  const auto cache = open(config_of(server));
  int found = 0;
  int refused = 0;
  auto many = [](RedisCache* where, int* yes, int* no) -> Task<Result<void>> {
    const auto executor = co_await asio::this_coro::executor;
    for (std::size_t i = 0; i < RedisCache::kUnderWayMax + 5; ++i) {
      asio::co_spawn(executor, where->get(CacheKey{"a"}), [yes, no](const std::exception_ptr&, const auto& answer) {
        ++(answer ? *yes : *no);
      });
    }
    co_return Result<void>{};
  };

  ASSERT_TRUE(run(many(cache.get(), &found, &refused)));

  EXPECT_EQ(found, 32);
  EXPECT_EQ(refused, 5);
}

/// Something that takes connections, says what it is told to say, and closes.
class Pretender {
 public:
  explicit Pretender(std::string says) : says_{std::move(says)} {
    listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{.sin_family = AF_INET, .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof(address);
    ::bind(listener_, reinterpret_cast<sockaddr*>(&address), size);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = std::to_string(ntohs(address.sin_port));
    ::listen(listener_, 1);
    thread_ = std::thread{[this] { answer(); }};
  }
  ~Pretender() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  Pretender(const Pretender&) = delete;
  Pretender& operator=(const Pretender&) = delete;
  [[nodiscard]] const std::string& port() const { return port_; }

 private:
  void answer() const {
    const int peer = ::accept(listener_, nullptr, nullptr);
    if (peer < 0) return;
    std::array<char, 4'096> question{};
    (void)::recv(peer, question.data(), question.size(), 0);
    for (std::size_t sent = 0; sent < says_.size();) {
      const auto more = ::send(peer, says_.data() + sent, says_.size() - sent, MSG_NOSIGNAL);
      if (more <= 0) break;
      sent += static_cast<std::size_t>(more);
    }
    ::close(peer);
  }

  std::string says_;
  std::string port_;
  int listener_ = -1;
  std::thread thread_;
};

TEST(RedisCacheHostile, WhatIsNoRedisIsAwayAndNothingElse) {
  const std::string answers[] = {"",
                                 "HTTP/1.1 400 Bad Request\r\n\r\n",
                                 "$5\r\nab",
                                 "*-7\r\n",
                                 "*2147483647\r\n$1\r\na\r\n",
                                 "$99999999999999\r\n",
                                 "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n",
                                 "$" + std::to_string(kReplyMax + 1) + "\r\n" + std::string(kReplyMax + 2, 'x'),
                                 std::string(64, '\0')};
  for (const std::string& says : answers) {
    Runner runner;
    const Pretender pretender{says};
    RedisConfig config{.address = {.host = "127.0.0.1", .port = pretender.port()}, .time_max = kPatience};
    const auto cache = RedisCache::open(std::move(config), runner.clock()).value();

    const auto answer = runner.run(cache->get(CacheKey{"a"}));

    ASSERT_FALSE(answer) << says.substr(0, 40);
    EXPECT_EQ(answer.error().code(), "HF-CCH-01");
  }
}

TEST(RedisAddress, IsReadOrRefusedWithoutRepeatingIt) {
  struct Case {
    const char* url;
    const char* text;
    unsigned database;
    bool tls;
  };
  const Case cases[] = {{"redis://127.0.0.1:6379/0", "127.0.0.1:6379", 0, false},
                        {"redis://cache", "cache:6379", 0, false},
                        {"redis://cache:80", "cache:80", 0, false},
                        {"rediss://cache:7000/12", "cache:7000", 12, true},
                        {"redis://[::1]:7000/3", "[::1]:7000", 3, false},
                        {"redis://[::1]", "[::1]:6379", 0, false}};
  for (const Case& one : cases) {
    const auto address = read_address(one.url);
    ASSERT_TRUE(address) << one.url;
    EXPECT_EQ(address->text(), one.text);
    EXPECT_EQ(address->database, one.database);
    EXPECT_EQ(address->tls, one.tls);
  }
  for (const char* url : {"", "http://a", "redis://", "redis://:6379", "redis://a:0", "redis://a:x", "redis://a/x",
                          "redis://a/1/2", "redis://a/-1", "redis://a?b", "redis://a b", "redis://[::1"}) {
    EXPECT_FALSE(read_address(url)) << url;
  }
  const auto secret = read_address("redis://user:canary@cache");
  ASSERT_FALSE(secret);
  EXPECT_THAT(secret.error().what(), HasSubstr("cache.password_file"));
  EXPECT_THAT(secret.error().what(), Not(HasSubstr("canary")));
}

TEST(RedisReply, OfARefusalOnlyTheFirstWordIsKept) {
  ReplyReader reader;
  reader.feed("-ERR unknown command `AUTH`, with args beginning with: `canary`\r\n-NOAUTH\r\n-canary\r\n");
  EXPECT_EQ((*reader.next())->text, "ERR");
  EXPECT_EQ((*reader.next())->text, "NOAUTH");
  EXPECT_EQ((*reader.next())->text, "");
  EXPECT_FALSE(*reader.next());
}

}  // namespace
}  // namespace redis
}  // namespace holdfast
