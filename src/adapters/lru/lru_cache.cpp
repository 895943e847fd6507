#include "adapters/lru/lru_cache.hpp"

#include <boost/multi_index/hashed_index.hpp>
#include <boost/multi_index/member.hpp>
#include <boost/multi_index/ordered_index.hpp>
#include <boost/multi_index/sequenced_index.hpp>
#include <boost/multi_index_container.hpp>

namespace holdfast {
namespace {

namespace index = boost::multi_index;

struct Held {
  std::string key;
  CacheEntry entry;
  MonoTime until{};
};

std::size_t bytes_of(const Held& held) { return held.key.size() + held.entry.value.size(); }

struct ByKey {};
struct ByUse {};
struct ByEnd {};

using Container = index::multi_index_container<
    Held, index::indexed_by<index::hashed_unique<index::tag<ByKey>, index::member<Held, std::string, &Held::key>>,
                            index::sequenced<index::tag<ByUse>>,
                            index::ordered_non_unique<index::tag<ByEnd>, index::member<Held, MonoTime, &Held::until>>>>;

}  // namespace

struct LruCache::Shelf {
  [[nodiscard]] auto& by_key() { return held.get<ByKey>(); }
  [[nodiscard]] auto& by_use() { return held.get<ByUse>(); }  ///< latest first
  [[nodiscard]] auto& by_end() { return held.get<ByEnd>(); }

  template <class Index, class At>
  void take_out(Index& from, At at) {
    bytes -= bytes_of(*at);
    from.erase(at);
  }
  /// What is there and not over, else the end.
  auto find(const std::string& key, MonoTime now) {
    const auto found = by_key().find(key);
    if (found == by_key().end() || found->until > now) return found;
    take_out(by_key(), found);
    return by_key().end();
  }

  Container held;
  std::size_t bytes = 0;
};

LruCache::LruCache(LruLimits limits, Clock& clock)
    : limits_{limits}, clock_{clock}, shelf_{std::make_unique<Shelf>()}, since_{clock.wall_now()} {}
LruCache::~LruCache() = default;

/// A calendar that was ahead at the time must not keep everything out for ever.
std::optional<WallTime> LruCache::cleared_at() const {
  return clock_.mono_now() < clearing_holds_until_ ? std::optional{cleared_at_} : std::nullopt;
}

Task<Result<std::optional<CacheEntry>>> LruCache::get(CacheKey key) {
  const auto found = shelf_->find(key.text(), clock_.mono_now());
  if (found == shelf_->by_key().end()) {
    misses_ += 1;
    co_return std::optional<CacheEntry>{};
  }
  hits_ += 1;
  auto& by_use = shelf_->by_use();
  by_use.relocate(by_use.begin(), shelf_->held.project<ByUse>(found));
  co_return std::optional{found->entry};
}

Task<Result<bool>> LruCache::put(CacheKey key, CacheEntry entry, milliseconds ttl) {
  HF_CO_TRY_VOID(cache::check(key, entry, ttl));
  const MonoTime now = clock_.mono_now();
  const auto found = shelf_->find(key.text(), now);
  const bool there = found != shelf_->by_key().end();
  const auto held_made_at = there ? std::optional{found->entry.made_at} : std::nullopt;
  if (!cache::may_replace(entry, held_made_at, cleared_at())) co_return false;
  if (there) shelf_->take_out(shelf_->by_key(), found);
  Held held{.key = key.text(), .entry = std::move(entry), .until = now + ttl};
  const std::size_t bytes = bytes_of(held);
  if (bytes > limits_.bytes_max || limits_.entries_max == 0) co_return false;
  shelf_->bytes += bytes;
  shelf_->by_use().push_front(std::move(held));
  make_room();
  co_return true;
}

/// The newest fits by itself, so it is not what goes.
void LruCache::make_room() {
  const MonoTime now = clock_.mono_now();
  auto& by_end = shelf_->by_end();
  while (shelf_->held.size() > limits_.entries_max || shelf_->bytes > limits_.bytes_max) {
    if (by_end.begin()->until <= now) {
      shelf_->take_out(by_end, by_end.begin());
    } else {
      shelf_->take_out(shelf_->by_use(), std::prev(shelf_->by_use().end()));
    }
  }
}

Task<Result<void>> LruCache::clear() {
  shelf_ = std::make_unique<Shelf>();
  cleared_at_ = clock_.wall_now();
  clearing_holds_until_ = clock_.mono_now() + cache::kTtlMax;
  co_return Result<void>{};
}

Task<Result<void>> LruCache::probe() { co_return Result<void>{}; }

CacheStatus LruCache::status() const {
  return {.backend = "memory",
          .since = since_,
          .entries = shelf_->held.size(),
          .bytes = shelf_->bytes,
          .hits = hits_,
          .misses = misses_};
}

}  // namespace holdfast
