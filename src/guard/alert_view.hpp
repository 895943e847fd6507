#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <vector>

#include "guard/alerts.hpp"

/// What is shown of alerts. Nothing of any user's is in it.
namespace holdfast::guard {

/// alert, severity, subject, state, at, since, summary, what_to_do, figures.
[[nodiscard]] boost::json::object event_object(const alert::Event& event, const std::vector<alert::Rule>& rules);
/// Those that fire now, in the same form, the most severe first.
[[nodiscard]] boost::json::array active_array(const Alerts& alerts);
/// active, pending, recent (newest first), rules, webhook.
[[nodiscard]] boost::json::object alerts_object(const Alerts& alerts);

/// The body for a webhook: type, timestamp, text, dropped, and what event_object has.
[[nodiscard]] std::string notice_text(const alert::Event& event, const std::vector<alert::Rule>& rules,
                                      std::uint64_t dropped);

}  // namespace holdfast::guard
