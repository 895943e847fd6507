#pragma once

#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <string>
#include <vector>

#include "adapters/redis/connection.hpp"
#include "ports/cache.hpp"
#include "ports/clock.hpp"

namespace holdfast {

struct RedisConfig {
  redis::Address address{};
  std::string password_file{};  ///< read whenever a connection is made; empty: none
  std::string ca_file{};   ///< the only authority for TLS; empty: those of the system
  std::string prefix{"holdfast"};  ///< of all our keys: installations that share a Redis have one each
  milliseconds time_max{500};      ///< of one call, connecting included
};

/// A cache in a Redis or Valkey (6.2 or newer, one instance, no cluster), which several servers may share. An entry is
/// one text, "MADE_AT VALUE", which Redis drops when its time is over; what may replace what is decided by a script
/// inside Redis, so that it holds between servers.
class RedisCache final : public Cache {
 public:
  /// Connects to nothing yet. Errors: dependency HF-CCH-01 (ca_file cannot be used).
  static Result<std::unique_ptr<RedisCache>> open(RedisConfig config, Clock& clock);

  Task<Result<std::optional<CacheEntry>>> get(CacheKey key) override;
  Task<Result<bool>> put(CacheKey key, CacheEntry entry, milliseconds ttl) override;
  Task<Result<void>> clear() override;
  Task<Result<void>> probe() override;
  [[nodiscard]] CacheStatus status() const override;

  /// Calls under way at once; more are refused.
  static constexpr std::size_t kUnderWayMax = 32;
  /// Connections that are kept for the next call.
  static constexpr std::size_t kIdleMax = 4;

 private:
  using Words = std::vector<std::string>;
  RedisCache(RedisConfig config, Clock& clock) : config_{std::move(config)}, clock_{clock} {}
  [[nodiscard]] std::string name_of(const CacheKey& key) const { return config_.prefix + ":e:" + key.text(); }
  [[nodiscard]] std::string clearing() const { return config_.prefix + ":cleared"; }
  std::unique_ptr<redis::Connection> take_idle();
  Task<Result<std::unique_ptr<redis::Connection>>> enter(redis::Deadline deadline);
  Task<Result<redis::Reply>> ask(Words words);
  Task<void> remove_all();

  RedisConfig config_;
  Clock& clock_;
  std::shared_ptr<asio::ssl::context> tls_;  ///< shared with connections
  std::vector<std::unique_ptr<redis::Connection>> idle_;
  std::size_t under_way_ = 0;
  WallTime since_{};
  std::optional<std::uint64_t> entries_;
  std::optional<std::uint64_t> bytes_;
  std::uint64_t hits_ = 0;
  std::uint64_t misses_ = 0;
};

}  // namespace holdfast
