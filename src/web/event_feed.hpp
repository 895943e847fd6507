#pragma once

#include <map>
#include <optional>
#include <string>

#include "web/context.hpp"

namespace holdfast::web {

/// Which events a stream shows, and from where on.
struct FeedFilter {
  std::string owner;                   ///< empty: of everybody
  ItemId item;                         ///< empty: of every item
  std::optional<std::uint64_t> after;  ///< the last event that the client has; nothing: from now on
  bool alerts = false;                 ///< also what is of no item
};

/// One event stream: first what the client missed, out of the stored log, then what happens. Stored events
/// come once each and in order; progress is thinned out and carries no id. Source: WHATWG HTML, server-sent
/// events; CloudEvents 1.0.
class EventFeed {
 public:
  EventFeed(Context& context, FeedFilter filter, ResponseSink& sink);

  /// Returns when the server stops. Errors: transient (the client is gone), those of the store, canceled.
  Task<Result<void>> run();

 private:
  static constexpr unsigned kReplayBatch = 500;
  static constexpr std::size_t kProgressMax = 1000;

  Task<Result<void>> open();
  Task<Result<void>> replay_alerts();
  Task<Result<void>> follow();
  Task<Result<void>> replay();
  Task<Result<void>> catch_up();
  Task<Result<void>> resync();
  Task<Result<void>> take(views::LiveEvent event);
  Task<Result<void>> send(std::string text);
  Task<Result<void>> send_due();
  Task<Result<void>> say_goodbye();
  [[nodiscard]] MonoTime next_deadline() const;
  [[nodiscard]] bool is_wanted(const std::string& owner, const ItemId& item) const;

  Context& context_;
  FeedFilter filter_;
  ResponseSink& sink_;
  std::unique_ptr<views::EventHub::Subscription> subscription_;
  StopSignal::Bell bell_;
  std::uint64_t last_seq_ = 0;
  std::map<ItemId, views::LiveEvent> progress_;  ///< newest of each item, not sent yet
  MonoTime sent_at_{};
  MonoTime progress_at_{};
};

/// A stored event or progress as the lines of a stream.
std::string to_event_text(const views::LiveEvent& event);

}  // namespace holdfast::web
