#include "adapters/redis/redis_cache.hpp"

#include <array>
#include <charconv>
#include <fstream>

#include "adapters/openai/http_call.hpp"

namespace holdfast {
namespace {

using redis::Reply;

/// Of a portion of keys that are removed, and how many portions at most: 10 million keys.
constexpr std::size_t kPortion = 1'000;
constexpr unsigned kPortionsMax = 10'000;
constexpr milliseconds kProbeKept{60'000};

/// KEYS: entry, clearing. ARGV: made_at, value, ttl. 1: it was written. The rules of cache::may_replace, there where
/// nobody comes in between.
constexpr std::string_view kPut = R"(
local cleared = tonumber(redis.call('GET', KEYS[2]) or '')
if cleared and tonumber(ARGV[1]) < cleared then return 0 end
local held = string.match(redis.call('GETRANGE', KEYS[1], 0, 31), '^(%-?%d+) ')
if held and #held <= 16 and tonumber(ARGV[1]) < tonumber(held) then return 0 end
redis.call('SET', KEYS[1], ARGV[1] .. ' ' .. ARGV[2], 'PX', ARGV[3])
return 1)";

/// KEYS: clearing. ARGV: now, for how long. Of two clearings the later one stays.
constexpr std::string_view kClear = R"(
local cleared = tonumber(redis.call('GET', KEYS[1]) or '')
if cleared and tonumber(ARGV[1]) < cleared then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1)";

std::string text_of(WallTime time) { return std::to_string(time.time_since_epoch().count()); }
std::string text_of(milliseconds time) { return std::to_string(time.count()); }

/// Digits of a time, the minus with them; the script has the same figure. What Lua counts with is exact so far.
constexpr std::ptrdiff_t kDigitsMax = 16;

/// The number in front, and what follows it. Nothing: it begins with none.
std::optional<std::pair<WallTime, std::string_view>> number_of(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (bad != std::errc{} || end - text.data() > kDigitsMax) return std::nullopt;
  return std::pair{WallTime{milliseconds{number}}, text.substr(static_cast<std::size_t>(end - text.data()))};
}

/// Of [entry, clearing].
std::optional<CacheEntry> entry_of(const Reply& reply) {
  if (reply.list.size() != 2) return std::nullopt;
  const auto made = number_of(reply.list[0].text);
  const auto cleared = number_of(reply.list[1].text);
  if (!made || !made->second.starts_with(' ')) return std::nullopt;
  if (cleared && made->first < cleared->first) return std::nullopt;
  return CacheEntry{.value = std::string{made->second.substr(1)}, .made_at = made->first};
}

/// "used_memory:1048576" among other lines.
std::optional<std::uint64_t> used_memory(std::string_view info) {
  constexpr std::string_view kLabel = "\nused_memory:";
  const auto at = info.find(kLabel);
  if (at == std::string_view::npos) return std::nullopt;
  const auto number = number_of(info.substr(at + kLabel.size()));
  if (!number) return std::nullopt;
  return static_cast<std::uint64_t>(number->first.time_since_epoch().count());
}

/// The first line of the file. Errors: dependency HF-CCH-01.
Result<std::string> read_password(const std::string& file) {
  constexpr std::streamsize kPasswordMax = 1'024;
  std::array<char, kPasswordMax> line{};
  std::ifstream in{file};
  in.getline(line.data(), kPasswordMax);
  std::string password{line.data()};
  if (password.ends_with('\r')) password.pop_back();
  if (!in.fail() && !password.empty()) return password;
  return fail(ErrorClass::dependency, "HF-CCH-01", "the file with the password of Redis is missing, empty or too long");
}

/// Counts a call for as long as it is under way.
class UnderWay {
 public:
  explicit UnderWay(std::size_t& count) : count_{count} { ++count_; }
  ~UnderWay() { --count_; }
  UnderWay(const UnderWay&) = delete;
  UnderWay& operator=(const UnderWay&) = delete;

 private:
  std::size_t& count_;
};

}  // namespace

Result<std::unique_ptr<RedisCache>> RedisCache::open(RedisConfig config, Clock& clock) {
  std::unique_ptr<RedisCache> made{new RedisCache{std::move(config), clock}};
  made->since_ = clock.wall_now();
  if (!made->config_.address.tls) return made;
  auto tls = openai::make_tls(made->config_.ca_file);
  if (!tls) return fail(ErrorClass::dependency, "HF-CCH-01", "Redis cannot be trusted: " + tls.error().what());
  made->tls_ = *std::move(tls);
  return made;
}

/// One that the other side has closed meanwhile, or says something on of its own accord, is of no use.
std::unique_ptr<redis::Connection> RedisCache::take_idle() {
  while (!idle_.empty()) {
    auto connection = std::move(idle_.back());
    idle_.pop_back();
    if (connection->usable()) return connection;
  }
  return nullptr;
}

Task<Result<std::unique_ptr<redis::Connection>>> RedisCache::enter(redis::Deadline deadline) {
  auto connecting = redis::connect(config_.address, tls_, deadline);
  HF_CO_TRY(auto connection, co_await std::move(connecting));
  std::vector<Words> greetings;
  if (!config_.password_file.empty()) {
    HF_CO_TRY(auto password, read_password(config_.password_file));
    greetings.push_back(Words{"AUTH", std::move(password)});
  }
  if (config_.address.database > 0) greetings.push_back(Words{"SELECT", std::to_string(config_.address.database)});
  for (Words& words : greetings) {
    auto asking = connection->ask(std::move(words), deadline);
    HF_CO_TRY(const Reply reply, co_await std::move(asking));
    if (reply.kind == Reply::Kind::refused)
      co_return fail(ErrorClass::dependency, "HF-CCH-01",
                     "Redis at " + config_.address.text() + " does not let us in: " + reply.text);
  }
  co_return std::move(connection);
}

Task<Result<Reply>> RedisCache::ask(Words words) {
  if (under_way_ >= kUnderWayMax)
    co_return fail(ErrorClass::overloaded, "HF-CCH-01", "as many calls to Redis as there may be are under way");
  const UnderWay counted{under_way_};
  const auto deadline = std::chrono::steady_clock::now() + config_.time_max;
  auto connection = take_idle();
  if (!connection) {
    HF_CO_TRY(connection, co_await enter(deadline));
  }
  auto asking = connection->ask(std::move(words), deadline);
  HF_CO_TRY(Reply reply, co_await std::move(asking));
  if (idle_.size() < kIdleMax) idle_.push_back(std::move(connection));
  if (reply.kind == Reply::Kind::refused)
    co_return fail(ErrorClass::dependency, "HF-CCH-01",
                   "Redis at " + config_.address.text() + " refuses us: " + reply.text);
  co_return reply;
}

Task<Result<std::optional<CacheEntry>>> RedisCache::get(CacheKey key) {
  Words words{"MGET", name_of(key), clearing()};
  auto asking = ask(std::move(words));
  HF_CO_TRY(const Reply reply, co_await std::move(asking));
  auto entry = entry_of(reply);
  ++(entry ? hits_ : misses_);
  co_return entry;
}

Task<Result<bool>> RedisCache::put(CacheKey key, CacheEntry entry, milliseconds ttl) {
  HF_CO_TRY_VOID(cache::check(key, entry, ttl));
  Words words{"EVAL", std::string{kPut}, "2", name_of(key), clearing(), text_of(entry.made_at)};
  words.push_back(std::move(entry.value));
  words.push_back(text_of(ttl));
  auto asking = ask(std::move(words));
  HF_CO_TRY(const Reply reply, co_await std::move(asking));
  co_return reply.number == 1;
}

/// From the script on nothing older is answered: the rest only gives memory back, and what it does not reach goes
/// when its time is over.
Task<Result<void>> RedisCache::clear() {
  Words words{"EVAL", std::string{kClear}, "1", clearing(), text_of(clock_.wall_now()), text_of(cache::kTtlMax)};
  auto asking = ask(std::move(words));
  HF_CO_TRY_VOID(co_await std::move(asking));
  co_await remove_all();
  co_return Result<void>{};
}

Task<void> RedisCache::remove_all() {
  std::string cursor = "0";
  for (unsigned portion = 0; portion < kPortionsMax; ++portion) {
    Words scan{"SCAN", cursor, "MATCH", config_.prefix + ":e:*", "COUNT", std::to_string(kPortion)};
    auto scanning = ask(std::move(scan));
    const auto found = co_await std::move(scanning);
    if (!found || found->list.size() != 2) co_return;
    Words removal{"UNLINK"};
    for (const Reply& name : found->list[1].list) removal.push_back(name.text);
    if (removal.size() > 1) {
      auto removing = ask(std::move(removal));
      const auto removed = co_await std::move(removing);
      if (!removed) co_return;
    }
    cursor = found->list[0].text;
    if (cursor == "0") co_return;
  }
}

/// Writes, as a Redis that is full or only a copy answers questions and keeps nothing. What it tells of itself is
/// welcome, but one who is not allowed to ask is no trouble.
Task<Result<void>> RedisCache::probe() {
  Words write{"SET", config_.prefix + ":probe", "1", "PX", text_of(kProbeKept)};
  auto writing = ask(std::move(write));
  HF_CO_TRY_VOID(co_await std::move(writing));
  auto counting = ask(Words{"DBSIZE"});
  const auto count = co_await std::move(counting);
  entries_ = count ? std::optional{static_cast<std::uint64_t>(count->number)} : std::nullopt;
  Words question{"INFO", "memory"};
  auto asking = ask(std::move(question));
  const auto info = co_await std::move(asking);
  bytes_ = info ? used_memory(info->text) : std::nullopt;
  co_return Result<void>{};
}

CacheStatus RedisCache::status() const {
  return {.backend = "redis",
          .since = since_,
          .entries = entries_,
          .bytes = bytes_,
          .hits = hits_,
          .misses = misses_};
}

}  // namespace holdfast
