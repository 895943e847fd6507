#include "flow/views/event_hub.hpp"

namespace holdfast::views {

std::unique_ptr<EventHub::Subscription> EventHub::subscribe(std::string owner, bool of_the_server) {
  auto subscription = std::make_unique<Subscription>(*this, std::move(owner));
  subscription->of_the_server_ = of_the_server;
  subscription->wakeup_ = clock_.make_wakeup();
  watchers_.push_back(subscription.get());
  return subscription;
}

void EventHub::publish(const LiveEvent& event) {
  for (Subscription* watcher : watchers_) {
    const bool own = watcher->owner_.empty() || watcher->owner_ == event.owner;
    if (event.of_the_server ? !watcher->of_the_server_ : !own) continue;
    if (watcher->backlog_.size() >= Subscription::kBacklogMax) {
      watcher->backlog_.clear();
      watcher->lost_ = true;
    }
    watcher->backlog_.push_back(event);
    watcher->wakeup_->ring();
  }
}

EventHub::Subscription::~Subscription() { hub_.watchers_.remove(this); }

Task<Result<std::optional<LiveEvent>>> EventHub::Subscription::next(MonoTime deadline) {
  while (backlog_.empty()) {
    HF_CO_TRY(const bool rung, co_await wakeup_->wait_until(deadline));
    if (!rung) co_return std::optional<LiveEvent>{};
  }
  std::optional<LiveEvent> event{std::move(backlog_.front())};
  backlog_.pop_front();
  co_return event;
}

}  // namespace holdfast::views
