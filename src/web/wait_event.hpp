#pragma once

#include <optional>

#include "web/context.hpp"

namespace holdfast::web {

/// The next event of a subscription. Nothing: the deadline came first, or the server is stopping.
/// Errors: canceled.
Task<Result<std::optional<views::LiveEvent>>> wait_event(views::EventHub::Subscription* subscription,
                                                         StopSignal::Bell* bell, MonoTime deadline);

}  // namespace holdfast::web
