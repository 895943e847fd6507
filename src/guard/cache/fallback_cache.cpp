#include "guard/cache/fallback_cache.hpp"

#include <algorithm>

namespace holdfast::guard {
namespace {

/// Entries told to a cache that was found, at most: who writes faster than that is not waited for.
constexpr unsigned kToldMax = 10 * FallbackCache::kStandInEntries;

/// Would another call meet the same? What the caller asked for wrongly, or gave up, says nothing of the cache.
bool is_loss(const Error& error) {
  switch (error.error_class()) {
    case ErrorClass::invalid:
    case ErrorClass::canceled:
    case ErrorClass::overloaded:
      return false;
    default:
      return true;
  }
}

bool concerns_caller(const Error& error) {
  return error.error_class() == ErrorClass::invalid || error.error_class() == ErrorClass::canceled;
}

}  // namespace

FallbackCache::FallbackCache(Deps deps)
    : deps_{std::move(deps)}, since_{deps_.clock.wall_now()}, bell_{deps_.clock.make_wakeup()} {}

Task<Result<std::optional<CacheEntry>>> FallbackCache::get(CacheKey key) {
  if (!away_) {
    auto asking = deps_.front.get(key);
    auto found = co_await std::move(asking);
    if (found || concerns_caller(found.error())) co_return counted(std::move(found));
    if (is_loss(found.error())) lose(found.error());
  }
  auto asking = deps_.stand_in.get(std::move(key));
  co_return counted(co_await std::move(asking));
}

Result<std::optional<CacheEntry>> FallbackCache::counted(Result<std::optional<CacheEntry>> found) {
  if (found) ++(*found ? hits_ : misses_);
  return found;
}

Task<Result<bool>> FallbackCache::put(CacheKey key, CacheEntry entry, milliseconds ttl) {
  auto keeping = deps_.stand_in.put(key, entry, ttl);
  HF_CO_TRY(const bool kept, co_await std::move(keeping));
  if (!away_) {
    auto writing = deps_.front.put(key, std::move(entry), ttl);
    const auto written = co_await std::move(writing);
    if (written || concerns_caller(written.error())) co_return written;
    if (!is_loss(written.error())) co_return false;  // too many calls at once: this one is left out
    lose(written.error());
  }
  if (kept) owe(key, ttl);
  co_return kept;
}

/// One that could not be cleared is lost, whatever the reason: it must not answer before that is made up for.
Task<Result<void>> FallbackCache::clear() {
  owed_.clear();
  HF_CO_TRY_VOID(co_await deps_.stand_in.clear());
  owes_clear_ = true;
  if (away_) co_return Result<void>{};
  const auto cleared = co_await deps_.front.clear();
  if (cleared) {
    owes_clear_ = false;
    co_return Result<void>{};
  }
  lose(cleared.error());
  if (concerns_caller(cleared.error())) co_return cleared;
  co_return Result<void>{};
}

Task<Result<void>> FallbackCache::probe() { co_return Result<void>{}; }

CacheStatus FallbackCache::status() const {
  CacheStatus status = (away_ ? deps_.stand_in : deps_.front).status();
  status.stands_in = away_;
  status.since = since_;
  status.hits = hits_;
  status.misses = misses_;
  return status;
}

void FallbackCache::lose(const Error& error) {
  if (away_) return;
  away_ = true;
  since_ = deps_.clock.wall_now();
  looks_ = 0;
  tell(deps_.log, LogLevel::warn, "cache_lost", {{"code", error.code()}, {"message", error.what()}});
  bell_->ring();
}

/// Of too many, the one whose time ends first is not told.
void FallbackCache::owe(const CacheKey& key, milliseconds ttl) {
  owed_.insert_or_assign(key, deps_.clock.mono_now() + ttl);
  if (owed_.size() <= kStandInEntries) return;
  owed_.erase(std::ranges::min_element(owed_, {}, [](const auto& owed) { return owed.second; }));
}

Task<Result<void>> FallbackCache::look() {
  auto asking = deps_.front.probe();
  auto answer = co_await std::move(asking);
  if (answer && away_) answer = co_await make_up();
  if (answer) find();
  if (!answer && is_loss(answer.error())) lose(answer.error());
  co_return answer;
}

/// Whoever writes in the meantime adds to what is owed, hence the loop.
Task<Result<void>> FallbackCache::make_up() {
  if (owes_clear_) {
    HF_CO_TRY_VOID(co_await deps_.front.clear());
    owes_clear_ = false;
  }
  for (unsigned told = 0; told < kToldMax && !owed_.empty(); ++told) {
    const auto [key, until] = *owed_.begin();
    auto telling = tell_one(key, until);
    HF_CO_TRY_VOID(co_await std::move(telling));
  }
  co_return Result<void>{};
}

/// It stays owed until it was told, unless somebody has written it anew meanwhile.
Task<Result<void>> FallbackCache::tell_one(CacheKey key, MonoTime until) {
  auto asking = deps_.stand_in.get(key);
  HF_CO_TRY(auto entry, co_await std::move(asking));
  const milliseconds left = until - deps_.clock.mono_now();
  if (entry && left > milliseconds{0}) {
    auto writing = deps_.front.put(key, *std::move(entry), left);
    HF_CO_TRY_VOID(co_await std::move(writing));
  }
  const auto owed = owed_.find(key);
  if (owed != owed_.end() && owed->second == until) owed_.erase(owed);
  co_return Result<void>{};
}

void FallbackCache::find() {
  looks_ = 0;
  if (!away_ || owes_clear_) return;  // a clearing came while it was made up for: the next look sees to it
  owed_.clear();
  away_ = false;
  since_ = deps_.clock.wall_now();
  tell(deps_.log, LogLevel::info, "cache_found");
  bell_->ring();
}

Task<void> FallbackCache::ask() {
  if (!deps_.ask_look) {
    (void)co_await look();
    co_return;
  }
  auto looking = deps_.ask_look();
  co_await std::move(looking);
}

/// Never none, or a fast refusal would be asked without end.
milliseconds FallbackCache::pause() {
  return kPauses.base / 2 + backoff(kPauses, ++looks_, deps_.entropy.next());
}

Task<void> FallbackCache::run() {
  while (!stopping_) {
    MonoTime next = MonoTime::max();
    if (away_) {
      co_await ask();
      if (stopping_) co_return;
      if (away_) next = deps_.clock.mono_now() + pause();
    }
    const auto woken = co_await bell_->wait_until(next);
    if (!woken) co_return;
  }
}

void FallbackCache::stop() {
  stopping_ = true;
  bell_->ring();
}

}  // namespace holdfast::guard
