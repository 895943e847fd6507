#include "guard/monitor.hpp"

namespace holdfast::guard {
namespace {

/// After a first miss: is it really away?
constexpr milliseconds kSoon{2'000};

}  // namespace

Monitor::Monitor(Deps deps) : deps_{deps} {
  watch("store", kEvery, [this] { return ask_store(); });
  watch("storage", kEvery, [this] { return ask_storage(); });
  watch("ffmpeg", kEvery, [this] { return deps_.workers.probe(WorkerKind::media); });
  watch("speech", kEvery, [this] { return deps_.workers.probe(WorkerKind::speech); });
  watch("language", kEvery, [this] { return deps_.workers.probe(WorkerKind::language); });
}

void Monitor::watch(std::string service, milliseconds every, Ask ask) {
  watched_.push_back({.service = std::move(service),
                      .every = every,
                      .ask = std::move(ask),
                      .bell = deps_.clock.make_wakeup()});
}

Task<Result<void>> Monitor::ask_store() {
  HF_CO_TRY_VOID(co_await deps_.store.find(ItemId{"itm_none"}));
  co_return Result<void>{};
}

Task<Result<void>> Monitor::ask_storage() {
  HF_CO_TRY(free_bytes_, co_await deps_.blobs.free_bytes());
  if (free_bytes_ < deps_.reserve_bytes) {
    co_return fail(ErrorClass::resource, "HF-STO-02", "less space is free than is kept in reserve");
  }
  co_return Result<void>{};
}

Task<void> Monitor::ask(Watched* watched) {
  if (watched->being_asked) co_return;  // its answer is on the way
  watched->being_asked = true;
  const MonoTime began = deps_.clock.mono_now();
  auto asking = watched->ask();
  const auto answer = co_await std::move(asking);
  watched->being_asked = false;
  deps_.services.seen(watched->service, answer, deps_.clock.mono_now() - began);
}

Task<void> Monitor::look() {
  for (Watched& watched : watched_) {
    if (stopping_) co_return;
    co_await ask(&watched);
  }
}

Task<Result<void>> Monitor::look_at(std::string service) {
  const Service* known = deps_.services.find(service);
  const std::string& probe = known != nullptr && !known->config.probed_by.empty() ? known->config.probed_by : service;
  const auto found = std::ranges::find(watched_, probe, &Watched::service);
  if (found == watched_.end()) co_return fail(ErrorClass::not_found, "HF-SVC-02", "there is no service of that name");
  co_await ask(&*found);
  co_return Result<void>{};
}

milliseconds Monitor::pause_after(const Watched& watched) {
  const Service* known = deps_.services.find(watched.service);
  const bool in_doubt = known != nullptr && known->health == Health::up && known->misses > 0;
  if (in_doubt && kSoon < watched.every) return kSoon;
  const auto half = watched.every / 2;
  const auto span = static_cast<std::uint64_t>(std::max<std::int64_t>(watched.every.count(), 1));
  return half + milliseconds{static_cast<std::int64_t>(deps_.entropy.next() % span)};
}

Task<void> Monitor::keep_asking(Watched* watched) {
  const milliseconds first{static_cast<std::int64_t>(deps_.entropy.next() % 100)};  // nodes that start together
  if (!co_await watched->bell->wait_until(deps_.clock.mono_now() + first)) co_return;
  while (!stopping_) {
    co_await ask(watched);
    if (stopping_) co_return;
    const auto woken = co_await watched->bell->wait_until(deps_.clock.mono_now() + pause_after(*watched));
    if (!woken) co_return;
  }
}

void Monitor::begin(TaskGroup& group) {
  for (Watched& watched : watched_) group.spawn(keep_asking(&watched));
}

void Monitor::stop() {
  stopping_ = true;
  for (Watched& watched : watched_) watched.bell->ring();
}

bool Monitor::ready() const {
  for (const char* needed : {"store", "storage"}) {
    const Service* service = deps_.services.find(needed);
    if (service == nullptr || service->health != Health::up) return false;
  }
  return true;
}

}  // namespace holdfast::guard
