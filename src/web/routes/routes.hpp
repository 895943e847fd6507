#pragma once

#include <vector>

#include "web/context.hpp"
#include "web/problem.hpp"

namespace holdfast::web {

/// Every route of the server, in the order of the documentation. A new one needs a line in its folder's file
/// and, if it is a new file, one in all_routes.
std::vector<Route> all_routes();

void add_upload_routes(std::vector<Route>& table);
void add_request_routes(std::vector<Route>& table);
void add_item_routes(std::vector<Route>& table);
void add_transcript_routes(std::vector<Route>& table);
void add_media_routes(std::vector<Route>& table);
void add_memory_routes(std::vector<Route>& table);
void add_event_routes(std::vector<Route>& table);
void add_health_routes(std::vector<Route>& table);
void add_limit_routes(std::vector<Route>& table);
void add_metrics_routes(std::vector<Route>& table);
void add_failure_recovery_routes(std::vector<Route>& table);
void add_recovery_item_routes(std::vector<Route>& table);
void add_dead_letter_routes(std::vector<Route>& table);
void add_dead_letter_action_routes(std::vector<Route>& table);
void add_redrive_routes(std::vector<Route>& table);
void add_recovery_rule_routes(std::vector<Route>& table);
void add_alert_routes(std::vector<Route>& table);
void add_service_routes(std::vector<Route>& table);
void add_queue_control_routes(std::vector<Route>& table);
void add_problem_routes(std::vector<Route>& table);
void add_description_routes(std::vector<Route>& table);
void add_auth_routes(std::vector<Route>& table);
void add_me_routes(std::vector<Route>& table);
void add_user_routes(std::vector<Route>& table);
void add_invitation_routes(std::vector<Route>& table);
void add_page_routes(std::vector<Route>& table);

void add_dialect_model_routes(std::vector<Route>& table);
void add_dialect_transcription_routes(std::vector<Route>& table);
void add_dialect_chat_routes(std::vector<Route>& table);
void add_dialect_embedding_routes(std::vector<Route>& table);

/// The file of the item `id` of the path, or a range of it, to whoever may see the item.
Task<Result<Response>> get_media(Context* context, Exchange* exchange);

/// What almost every route about one item has.
inline constexpr Parameter kItemId{"id", "path", "string", "The item's id: itm_ and 26 characters."};
inline constexpr Reply kNoSuchItem{404, "There is no such item, or it is not yours.",
                                   kProblemType, "Problem"};

inline constexpr Reply kNoLongerKept{410, "It was deleted when its time was over.", kProblemType,
                                     "Problem"};

// What every list has that is given page by page.
inline constexpr Parameter kPageLimit{"limit", "query", "integer", "At most so many, 1 to 200; 50 if nothing is said."};
inline constexpr Parameter kPageCursor{"cursor", "query", "string", "next_cursor of the page before."};

// What the routes of OpenAI's dialect have in common.
inline constexpr Parameter kDialectKey{"Idempotency-Key", "header", "string",
                                       "Calls with the same key are one item, for ever. Without one an equal call is "
                                       "taken for a repetition until the answer has been had."};
inline constexpr Reply kDialectNotFound{404, "There is no such model.", "application/json", "OpenAiError"};
std::vector<Reply> dialect_replies();

}  // namespace holdfast::web
