#include "web/routes/routes.hpp"

namespace holdfast::web {

std::vector<Reply> dialect_replies() {
  const std::string_view json = "application/json";
  return {{400, "A parameter cannot be used; it is named.", json, "OpenAiError"},
          kDialectNotFound,
          {429, "Too much is waiting; Retry-After says when to call again.", json, "OpenAiError"},
          {503, "It is saved, and not done yet; calling again waits for the same work.", json, "OpenAiError"}};
}

std::vector<Route> all_routes() {
  std::vector<Route> table;
  add_upload_routes(table);
  add_request_routes(table);
  add_item_routes(table);
  add_transcript_routes(table);
  add_media_routes(table);
  add_memory_routes(table);
  add_event_routes(table);
  add_auth_routes(table);
  add_me_routes(table);
  add_user_routes(table);
  add_invitation_routes(table);
  add_health_routes(table);
  add_limit_routes(table);
  add_metrics_routes(table);
  add_failure_recovery_routes(table);
  add_dead_letter_routes(table);
  add_dead_letter_action_routes(table);
  add_redrive_routes(table);
  add_recovery_rule_routes(table);
  add_service_routes(table);
  add_alert_routes(table);
  add_queue_control_routes(table);
  add_problem_routes(table);
  add_dialect_model_routes(table);
  add_dialect_transcription_routes(table);
  add_dialect_chat_routes(table);
  add_dialect_embedding_routes(table);
  add_description_routes(table);
  add_page_routes(table);
  return table;
}

}  // namespace holdfast::web
