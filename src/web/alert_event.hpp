#pragma once

#include "flow/views/event_hub.hpp"
#include "guard/alerts.hpp"

namespace holdfast::web {

/// What superusers who watch are told of an alert.
[[nodiscard]] views::LiveEvent live_of(const alert::Event& event, const std::vector<alert::Rule>& rules);

}  // namespace holdfast::web
