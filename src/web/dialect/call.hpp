#pragma once

#include <functional>
#include <memory>
#include <string>

#include "web/context.hpp"

/// What every call of OpenAI's dialect has in common: it is an item first, then its connection waits for the item, and
/// what the client has had as a whole is noted (docs/decisions/0014-openai-dialect.md).
namespace holdfast::web::dialect {

/// A call that is an item by now, and everything that happens to its owner's items since before it was recorded.
struct Pending {
  Job job;
  std::unique_ptr<views::EventHub::Subscription> subscription;
};

/// How the answer of a completed item is written. Both are pure.
struct Rendering {
  std::function<Result<Response>(const ItemRecord& record)> whole;
  std::function<Result<std::string>(const ItemRecord& record)> events;  ///< all of a stream
  bool stream = false;
};

/// A call whose input is a text.
struct TextCall {
  std::string recipe;
  std::string endpoint;  ///< a word for its keys: "chat"
  std::string text;
};

/// Records the item of a call, or finds the one that an equal call made whose answer nobody has had
/// (core/job/attach.hpp). A key of the sender's own says by itself what is the same.
/// Errors: those of intake::accept_text.
Task<Result<Pending>> take_text(Context* context, Exchange* exchange, TextCall call);

/// Sets the key of a sender's own, if there is one, else that of what was asked. Errors: invalid HF-REQ-01.
Result<void> take_key(Exchange* exchange, intake::Form& form, std::string own);

/// Waits for the item, at most DialectConfig::wait_max, and answers: with its result, or with why there is none yet or
/// will be none. A client that streams hears comments while it waits. One that leaves changes nothing for the item.
/// Errors: those of the store, canceled.
Task<Result<Response>> answer(Context* context, Exchange* exchange, Pending pending, Rendering rendering);

/// The result of this name. Errors: not_found HF-ITM-09 (no longer kept), corrupt HF-STO-03.
Result<boost::json::object> result_of(const ItemRecord& record, std::string_view name);

}  // namespace holdfast::web::dialect
