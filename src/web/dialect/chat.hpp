#pragma once

#include <boost/json/object.hpp>
#include <string>

#include "flow/stages/complete/chat_task.hpp"
#include "ports/job_store.hpp"
#include "web/response.hpp"

/// `POST /v1/chat/completions`: its request and its answers. Pure.
namespace holdfast::web::dialect {

struct ChatCall {
  stages::ChatTask task;  ///< without the role, which the model's name decides
  bool stream = false;
  bool with_usage = false;  ///< a stream that ends with what was used
};

/// Errors: invalid HF-OAI-01.
Result<ChatCall> read_chat(const boost::json::object& body);

/// The answer of a completed item. `model`: as the client called it. Errors: as result_of.
Result<Response> chat_answer(const ItemRecord& record, const std::string& model);
/// The same as the events of a stream, in pieces of some words. Errors: as result_of.
Result<std::string> chat_events(const ItemRecord& record, const std::string& model, bool with_usage);

/// A text in pieces of some words, none of which ends within a character.
std::vector<std::string_view> pieces_of(std::string_view text);

}  // namespace holdfast::web::dialect
