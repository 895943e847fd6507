#include "guard/monitor.hpp"

namespace holdfast::guard {

std::string_view to_word(ServiceState::Health health) {
  switch (health) {
    case ServiceState::Health::unknown:
      return "unknown";
    case ServiceState::Health::up:
      return "up";
    case ServiceState::Health::down:
      return "down";
  }
  std::unreachable();
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

Task<void> Monitor::record(std::string service, Task<Result<void>> asking) {
  const MonoTime began = deps_.clock.mono_now();
  const auto answer = co_await std::move(asking);
  if (!answer && answer.error().error_class() == ErrorClass::canceled) co_return;  // nothing was found out
  ServiceState& state = services_[service];
  const ServiceState before = state;
  state = {.health = answer ? ServiceState::Health::up : ServiceState::Health::down,
           .checked_at = deps_.clock.wall_now(),
           .took = deps_.clock.mono_now() - began};
  if (!answer) {
    state.code = answer.error().code();
    state.message = answer.error().what();
  }
  tell_change(service, before, state);
}

void Monitor::tell_change(const std::string& service, const ServiceState& before, const ServiceState& now) const {
  if (now.health == before.health && now.message == before.message) return;
  if (now.health == ServiceState::Health::up) {
    tell(deps_.log, LogLevel::info, "service_up", {{"service", service}});
  } else {
    tell(deps_.log, LogLevel::warn, "service_down",
         {{"service", service}, {"code", now.code}, {"message", now.message}});
  }
}

Task<void> Monitor::look() {
  auto store = ask_store();
  co_await record("store", std::move(store));
  if (stopping_) co_return;
  auto storage = ask_storage();
  co_await record("storage", std::move(storage));
  if (stopping_) co_return;
  auto media = deps_.workers.probe(WorkerKind::media);
  co_await record("ffmpeg", std::move(media));
  if (stopping_) co_return;
  auto speech = deps_.workers.probe(WorkerKind::speech);
  co_await record("speech", std::move(speech));
  if (stopping_) co_return;
  auto language = deps_.workers.probe(WorkerKind::language);
  co_await record("language", std::move(language));
}

Task<void> Monitor::run() {
  for (;;) {
    co_await look();
    if (stopping_) co_return;
    const milliseconds pause{static_cast<std::int64_t>(10'000 + deps_.entropy.next() % 20'000)};
    const auto woken = co_await bell_->wait_until(deps_.clock.mono_now() + pause);
    if (!woken) co_return;
  }
}

bool Monitor::ready() const {
  for (const char* needed : {"store", "storage"}) {
    const auto found = services_.find(needed);
    if (found == services_.end() || found->second.health != ServiceState::Health::up) return false;
  }
  return true;
}

}  // namespace holdfast::guard
