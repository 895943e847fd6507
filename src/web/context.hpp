#pragma once

#include <boost/asio/thread_pool.hpp>
#include <boost/json/value.hpp>
#include <span>

#include "web/event_slots.hpp"
#include "web/route.hpp"
#include "web/security.hpp"
#include "web/web_server.hpp"

namespace holdfast::web {

/// Everything that handlers share. Lives as long as the server.
struct Context {
  Context(Deps given, WebConfig limits)
      : deps{std::move(given)},
        config{std::move(limits)},
        slots{config.streams_max, config.streams_per_owner_max},
        calls{config.dialect.calls_max, config.dialect.calls_per_owner_max},
        since{deps.intake.clock.wall_now()} {}

  [[nodiscard]] JobStore& store() const { return deps.intake.store; }
  [[nodiscard]] Clock& clock() const { return deps.intake.clock; }

  Deps deps;
  WebConfig config;
  Site site;
  EventSlots slots;
  EventSlots calls;  ///< of OpenAI's dialect, while they are held
  WallTime since;  ///< when this server began
  StopSignal stop;
  asio::thread_pool files{1};  ///< reading stored files, which may wait for the disk
  std::vector<Route> routes;
};

Response json_response(unsigned status, const boost::json::value& body);

/// The item, if it exists and the principal may see it. Errors: not_found HF-ITM-06 for every other case
/// alike.
Task<Result<Job>> find_item(Context* context, Exchange* exchange);

/// An item that was found a moment ago, whole. Errors: not_found HF-ITM-06.
Task<Result<ItemRecord>> read_record(Context* context, ItemId id);

/// The item object, whole or of a list, with what is to be said of how long it is kept.
boost::json::object shown_item(Context* context, const ItemRecord& record);
boost::json::object listed_item(Context* context, const Job& job, std::span<const StoredResult> results);

/// The request's JSON object; an empty body is an empty object.
/// Errors: invalid HF-REQ-01 (not a JSON object), HF-REQ-02 (too long or too deep), HF-REQ-11; those of the
/// body.
Task<Result<boost::json::object>> read_json(Exchange* exchange);

}  // namespace holdfast::web
