#include "web/wait_event.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

namespace holdfast::web {

using namespace asio::experimental::awaitable_operators;

Task<Result<std::optional<views::LiveEvent>>> wait_event(views::EventHub::Subscription* subscription,
                                                         StopSignal::Bell* bell, MonoTime deadline) {
  auto event = subscription->next(deadline);
  auto stop = bell->wakeup().wait_until(deadline + milliseconds{1'000});
  auto first = co_await (std::move(event) || std::move(stop));
  if (first.index() == 0) co_return std::get<0>(std::move(first));
  co_return std::optional<views::LiveEvent>{};
}

}  // namespace holdfast::web
