#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <memory>

#include "adapters/asio/clock.hpp"
#include "adapters/asio/entropy.hpp"
#include "adapters/localfs/blob_store.hpp"
#include "adapters/localfs/spool.hpp"
#include "adapters/sodium/secrets.hpp"
#include "adapters/sqlite/stores.hpp"
#include "app/config/retention.hpp"
#include "app/config/settings.hpp"
#include "app/data_folder.hpp"
#include "app/metrics.hpp"
#include "app/model_fetcher.hpp"
#include "app/programs.hpp"
#include "app/report.hpp"
#include "app/wire_admission.hpp"
#include "app/wire_alerts.hpp"
#include "app/wire_cache.hpp"
#include "app/wire_guard.hpp"
#include "app/wire_workers.hpp"
#include "flow/engine.hpp"
#include "flow/fallback/answers.hpp"
#include "flow/similar/neighbours.hpp"
#include "flow/similar/remembered.hpp"
#include "flow/similar/worker_embedder.hpp"
#include "flow/recovery/parking.hpp"
#include "flow/recovery/redriver.hpp"
#include "flow/recovery/rule_book.hpp"
#include "flow/spool/spooled_store.hpp"
#include "guard/accounts/accounts.hpp"
#include "guard/mode_keeper.hpp"
#include "guard/watchdog.hpp"
#include "web/web_server.hpp"

namespace holdfast {

/// One server with everything it stands on. Members are in the order in which they need each other, so that
/// they go in the opposite one.
class Server {
 public:
  /// `single_user`: nobody logs in, everybody is the one built-in superuser.
  Server(Settings settings, Log& log, ServiceManager& manager, bool single_user)
      : settings_{std::move(settings)}, log_{log}, manager_{manager}, single_user_{single_user} {}

  /// Opens folder, store and files, and reads the recipes. Errors: what is missing, in words.
  Result<void> open();
  /// Takes up what an earlier process left, and begins to work and to answer. Returns the port.
  Task<Result<std::uint16_t>> start(std::string address, std::uint16_t port);
  /// Drain: no new work and no new connection; work under way goes back to the queue at its checkpoint.
  Task<void> stop();

  /// What the set-up link carries; nothing: there are users, or none are needed.
  Task<Result<std::optional<std::string>>> make_setup_link();

  asio::io_context& io() { return io_; }

 private:
  Result<void> wire();
  Task<void> resume_failed(std::string owner);
  /// What everybody should know of how this server is set up.
  [[nodiscard]] std::vector<std::string> notices() const;
  /// Bytes; nothing: nobody knows.
  [[nodiscard]] std::optional<std::uint64_t> free_memory() const;
  [[nodiscard]] report::Known known();
  Result<void> open_spool();
  Task<void> begin_work();
  Task<Result<void>> take_up_work();
  Task<void> look_at_models();
  Task<void> look_at_redis();
  Task<void> let_go_of_the_start();

  Settings settings_;
  Log& log_;
  ServiceManager& manager_;
  bool single_user_;
  bool stopping_ = false;
  DataFolder folder_;
  RecipeBook recipes_;
  retention::Policy keep_;
  Installation installation_;
  asio::io_context io_{1};      ///< one thread: everything that decides
  asio::thread_pool files_{4};  ///< blocking calls of the disk
  SystemClock clock_{io_.get_executor()};
  SystemEntropy entropy_;
  std::unique_ptr<Wakeup> stop_bell_ = clock_.make_wakeup();
  std::unique_ptr<LocalBlobStore> blobs_;
  SqliteStores stores_;
  std::unique_ptr<LocalSpool> spool_;
  std::unique_ptr<spool::SpooledStore> spooled_;  ///< everybody's way to the job store
  std::unique_ptr<Workers> workers_;
  CacheParts cache_;
  std::unique_ptr<fallback::Answers> answers_;
  std::unique_ptr<SodiumSecrets> secrets_;
  std::unique_ptr<guard::Accounts> accounts_;
  std::unique_ptr<views::EventHub> hub_;
  std::unique_ptr<recovery::RuleBook> rules_;
  std::unique_ptr<Guard> guard_;
  std::unique_ptr<guard::ModeKeeper> modes_;
  std::unique_ptr<similar::WorkerEmbedder> embedder_;
  std::unique_ptr<similar::Shelf> shelf_;
  std::unique_ptr<similar::Neighbours> neighbours_;
  std::unique_ptr<similar::Remembered> remembered_;
  std::unique_ptr<ModelFetcher> fetcher_;
  std::unique_ptr<Engine> engine_;
  AdmissionParts admission_;
  PrometheusMeter meter_;
  guard::Tally tally_{meter_};
  AlertParts alerts_;
  std::unique_ptr<guard::Watchdog> watchdog_;
  std::unique_ptr<recovery::Redriver> redriver_;
  std::unique_ptr<recovery::Parking> parking_;
  std::unique_ptr<TaskGroup> guards_;
  std::unique_ptr<web::WebServer> web_;
};

}  // namespace holdfast
