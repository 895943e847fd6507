/// cache_bench memory|redis PORT CALLS: puts 1,000 answers of 1 KiB into a cache and asks for one after the other, so
/// many times. Prints the latency of a hit. PORT: of a Redis on the loopback; 0 for memory.

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/asio/clock.hpp"
#include "adapters/lru/lru_cache.hpp"
#include "adapters/redis/redis_cache.hpp"

namespace {

using namespace holdfast;
using Steady = std::chrono::steady_clock;

constexpr std::size_t kAnswers = 1'000;

struct Run {
  Cache* cache = nullptr;
  std::size_t calls = 0;
  std::vector<double> latencies_us{};
  bool failed = false;
};

/// As long as those that core/cache/key.hpp makes.
CacheKey key_of(std::size_t number) {
  std::string text = std::to_string(number);
  return CacheKey{std::string(64 - text.size(), '0') + text};
}

Task<void> fill_and_ask(Run* run, WallTime now) {
  for (std::size_t i = 0; i < kAnswers; ++i) {
    CacheEntry entry{.value = std::string(1'024, 'x'), .made_at = now};
    auto putting = run->cache->put(key_of(i), std::move(entry), milliseconds{3'600'000});
    const auto kept = co_await std::move(putting);
    run->failed |= !kept || !*kept;
  }
  for (std::size_t i = 0; i < run->calls && !run->failed; ++i) {
    const auto began = Steady::now();
    auto asking = run->cache->get(key_of(i * 7 % kAnswers));
    const auto found = co_await std::move(asking);
    run->latencies_us.push_back(std::chrono::duration<double, std::micro>(Steady::now() - began).count());
    run->failed |= !found || !*found;
  }
}

std::unique_ptr<Cache> make_cache(std::string_view kind, const std::string& port, Clock& clock) {
  if (kind == "memory") return std::make_unique<LruCache>(LruLimits{}, clock);
  RedisConfig config{.address = {.host = "127.0.0.1", .port = port}, .time_max = milliseconds{10'000}};
  auto opened = RedisCache::open(std::move(config), clock);
  if (!opened) return nullptr;
  return *std::move(opened);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fputs("usage: cache_bench memory|redis PORT CALLS\n", stderr);
    return 2;
  }
  asio::io_context io{1};
  SystemClock clock{io.get_executor()};
  const auto cache = make_cache(argv[1], argv[2], clock);
  Run run{.cache = cache.get(), .calls = std::strtoul(argv[3], nullptr, 10)};
  asio::co_spawn(io, fill_and_ask(&run, clock.wall_now()),
                 [&run](const std::exception_ptr& bug) { run.failed |= bug != nullptr; });
  io.run();
  if (run.failed || run.latencies_us.empty()) {
    std::fputs("cache_bench: a call failed\n", stderr);
    return 1;
  }
  std::ranges::sort(run.latencies_us);
  std::printf("{\"hit_us_median\":%.3f,\"hit_us_p99\":%.3f}\n", run.latencies_us[run.latencies_us.size() / 2],
              run.latencies_us[run.latencies_us.size() * 99 / 100]);
  return 0;
}
