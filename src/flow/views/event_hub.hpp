#pragma once

#include <deque>
#include <list>
#include <memory>
#include <optional>
#include <string>

#include "core/job/transition.hpp"
#include "ports/clock.hpp"

namespace holdfast::views {

/// What a watcher is told while it happens: a stored event, or progress, which is never stored (seq 0, type
/// "progress").
struct LiveEvent {
  std::uint64_t seq = 0;
  ItemId item;
  std::string owner;
  std::string type;
  std::string stage;
  std::string detail;
  std::string status;
  WallTime at{};
  double fraction = -1;  ///< of the stage, for progress
  /// Not of any item: for those who watch the server. `stage` is what it is about, `detail` its id, `json` what
  /// is told. It has no number (seq 0).
  bool of_the_server = false;
  std::string json{};
};

/// Tells everybody who watches. Single-threaded. A watcher that does not keep up loses events and is told so.
class EventHub {
 public:
  class Subscription;

  explicit EventHub(Clock& clock) : clock_{clock} {}
  EventHub(const EventHub&) = delete;
  EventHub& operator=(const EventHub&) = delete;

  /// `owner` empty: everything of items. `of_the_server`: also what is of no item. The hub must outlive the
  /// subscription.
  std::unique_ptr<Subscription> subscribe(std::string owner, bool of_the_server = false);
  void publish(const LiveEvent& event);
  [[nodiscard]] std::size_t watchers_count() const { return watchers_.size(); }

 private:
  Clock& clock_;
  std::list<Subscription*> watchers_;
};

class EventHub::Subscription {
 public:
  static constexpr std::size_t kBacklogMax = 1000;

  Subscription(EventHub& hub, std::string owner) : hub_{hub}, owner_{std::move(owner)} {}
  Subscription(const Subscription&) = delete;
  Subscription& operator=(const Subscription&) = delete;
  ~Subscription();

  /// The next event, or nothing if none came before `deadline` (time for a heartbeat). Errors: canceled.
  Task<Result<std::optional<LiveEvent>>> next(MonoTime deadline);
  /// True once after events were lost: the watcher must read the event log again.
  bool take_lost() { return std::exchange(lost_, false); }

 private:
  friend class EventHub;
  EventHub& hub_;
  std::string owner_;
  bool of_the_server_ = false;
  std::deque<LiveEvent> backlog_;
  std::unique_ptr<Wakeup> wakeup_;
  bool lost_ = false;
};

}  // namespace holdfast::views
