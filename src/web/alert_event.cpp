#include "web/alert_event.hpp"

#include "flow/views/json_text.hpp"
#include "guard/alert_view.hpp"

namespace holdfast::web {

views::LiveEvent live_of(const alert::Event& event, const std::vector<alert::Rule>& rules) {
  return {.type = event.firing ? "alert.firing" : "alert.resolved",
          .stage = event.rule,
          .detail = event.id,
          .at = event.at,
          .of_the_server = true,
          .json = views::to_text(guard::event_object(event, rules))};
}

}  // namespace holdfast::web
