#pragma once

#include <boost/json/object.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "flow/engine.hpp"
#include "flow/intake/intake.hpp"
#include "flow/recovery/parking.hpp"
#include "flow/recovery/redriver.hpp"
#include "flow/recovery/rule_book.hpp"
#include "flow/similar/recall.hpp"
#include "flow/views/event_hub.hpp"
#include "guard/alerts.hpp"
#include "guard/services.hpp"
#include "guard/accounts/accounts.hpp"
#include "ports/meter.hpp"
#include "ports/session_store.hpp"
#include "web/exchange.hpp"
#include "web/web_config.hpp"

namespace holdfast::web {

/// What the web asks of the engine. `of(engine)` binds a real one.
struct EngineControl {
  std::function<Task<Result<Job>>(ItemId id)> cancel;
  std::function<Task<Result<Job>>(ItemId id, std::string from_stage)> retry;
  std::function<Task<Result<Job>>(ItemId id, std::int64_t start_ms)> fill_gaps;
  std::function<Task<Result<Job>>(ItemId id, std::string mode)> redo_in;
  std::function<double(const ItemId& id)> progress_of;
  std::function<void(const Job&)> wake;

  static EngineControl of(Engine& engine) {
    return {.cancel = [&engine](ItemId id) { return engine.cancel(std::move(id)); },
            .retry = [&engine](ItemId id,
                               std::string stage) { return engine.retry(std::move(id), std::move(stage)); },
            .fill_gaps = [&engine](ItemId id,
                                   std::int64_t start_ms) { return engine.fill_gaps(std::move(id), start_ms); },
            .redo_in = [&engine](ItemId id,
                                 std::string mode) { return engine.redo_in(std::move(id), std::move(mode)); },
            .progress_of = [&engine](const ItemId& id) { return engine.progress_of(id); },
            .wake = [&engine](const Job& job) { engine.wake(job); }};
  }
};

/// What the web asks of the limits. Both texts are JSON (guard/limits_json.hpp).
struct LimitControl {
  std::function<std::string()> show;
  std::function<Task<Result<void>>(std::string json)> change;
  std::function<bool()> refusing;  ///< no upload is taken now, whoever sends it
};

/// What operators ask of those who recover. `of(engine)` binds a real one.
struct RecoveryControl {
  std::function<Task<Result<Job>>(ItemId id, std::string who, std::string reason)> discard;
  std::function<Task<Result<Job>>(ItemId id, decide::ByHand made)> complete_by_hand;
  std::function<Task<Result<Recovered>>(std::string kind)> recover_now;
  std::function<Task<Result<Swept>>(bool dry_run)> sweep_now;
  std::function<RecoveryFigures()> figures;

  static RecoveryControl of(Engine& engine) {
    return {.discard = [&engine](ItemId id, std::string who,
                                 std::string reason) { return engine.discard(id, std::move(who), std::move(reason)); },
            .complete_by_hand = [&engine](ItemId id, decide::ByHand made) {
              return engine.complete_by_hand(id, std::move(made));
            },
            .recover_now = [&engine](std::string kind) { return engine.recover_now(std::move(kind)); },
            .sweep_now = [&engine](bool dry_run) { return engine.sweep_now(dry_run); },
            .figures = [&engine] { return engine.figures(); }};
  }
};

/// A model that clients can ask by its name.
struct ServedModel {
  std::string id;
  WorkerKind kind = WorkerKind::language;
  std::string role{};  ///< language: the role that it serves
};

/// Procedures of an operator beyond recovery.
struct OperatorControl {
  recovery::Parking* parking = nullptr;  ///< none: there are no queues to park
  /// Ends the worker processes of this kind, or the one with this number: a new one is started when there is work.
  /// Returns how many. Errors: not_found HF-WRK-01.
  std::function<Result<unsigned>(const std::string& which)> restart_workers{};
  /// Nothing that was cached until now is answered any more.
  std::function<Task<Result<void>>()> clear_cache{};
};

/// What the server stands on. References outlive it.
struct Deps {
  intake::Deps intake;  ///< also the store, blobs, clock, chance and recipes of every other route
  EngineControl engine;
  LimitControl limits;
  views::EventHub& hub;
  SessionStore& sessions;
  similar::Remembered* remembered = nullptr;  ///< none: a search compares words alone
  std::function<boost::json::object()> health;  ///< must have `status`: pass, warn or fail (health+json)
  std::function<Task<Result<boost::json::object>>()> status;  ///< queues, services, workers, memory, messages
  std::function<Task<Result<std::string>>()> metrics;  ///< the page that Prometheus scrapes
  Meter* meter = nullptr;
  std::function<Result<int>(BlobId)> open_blob;  ///< a descriptor for reading, which the caller closes
  RecoveryControl recovery;
  const retention::Policy& keep = retention::kKeepEverything;
  recovery::Redriver& redriver;
  recovery::RuleBook& rules;
  guard::Services* services = nullptr;  ///< none: there is nothing to manage
  /// Looks at a service now. Errors: not_found HF-SVC-02.
  std::function<Task<Result<void>>(std::string service)> probe{};
  /// Does nothing that this recipe needs answer? May be empty: then it is never so.
  std::function<bool(const std::string& recipe)> in_last_resort{};
  guard::Alerts* alerts = nullptr;  ///< none: nobody looks for any
  OperatorControl operators{};
  guard::Accounts& accounts;
  std::optional<Principal> single_user{};  ///< who everybody is where nobody logs in
  /// Somebody has logged in: what of theirs failed and may go on, goes on. May be empty.
  std::function<Task<void>(std::string owner)> on_log_in{};
  std::vector<ServedModel> models{};  ///< of the OpenAI dialect
  /// A cryptographic hash as text, for keys that are made of what was asked (core/job/attach.hpp).
  std::function<std::string(std::string_view bytes)> digest{};
};

/// The HTTP/1.1 server: routes, event streams and the page. All of it runs on the executor it was given,
/// which must be that of one thread.
class WebServer {
 public:
  WebServer(asio::any_io_executor executor, Deps deps, WebConfig config);
  ~WebServer();
  WebServer(const WebServer&) = delete;
  WebServer& operator=(const WebServer&) = delete;

  /// Opens the port (0: a free one) and begins to answer. Returns the port.
  /// Errors: invalid HF-CFG-01 (not an IP address), transient HF-SRV-01 (in use, or not allowed).
  Result<std::uint16_t> listen(const std::string& address, std::uint16_t port);

  /// Takes no new connection, says goodbye to event streams, lets answers under way finish for `grace`, ends
  /// the rest.
  Task<void> stop(milliseconds grace);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace holdfast::web
