#pragma once

#include <boost/asio/thread_pool.hpp>
#include <memory>

#include "app/config/settings.hpp"
#include "guard/balanced_pool.hpp"
#include "guard/guarded_pool.hpp"
#include "guard/monitor.hpp"
#include "guard/services.hpp"
#include "ports/prober.hpp"

namespace holdfast {

/// What keeps an eye on everything that the server stands on: circuit breakers before the workers, and the probes.
class Guard {
 public:
  struct Deps {
    asio::any_io_executor executor;
    JobStore& jobs;
    StateStore& states;
    BlobStore& blobs;
    WorkerPool& workers;
    std::vector<guard::Endpoint> endpoints{};
    bool own_language = true;  ///< some role has no endpoint
    Clock& clock;
    Entropy& entropy;
    std::vector<std::string> roles{};  ///< of the recipes: each language role has a breaker of its own
    Log* log = nullptr;
    std::function<void()> on_room{};  ///< held work may go on
    std::function<void()> on_change{};  ///< a service is well or not, or a breaker has changed its state
  };
  Guard(const Settings& settings, Deps deps);
  ~Guard();

  /// Takes up what was known before the restart. Errors: of the store.
  Task<Result<void>> restore() { return services_.restore(); }
  void begin(TaskGroup& group);
  /// No question is asked any more; what is learned from work that ends is still kept.
  void stop_looking() { monitor_.stop(); }
  void stop() { services_.stop(); }

  WorkerPool& pool() { return pool_; }
  guard::Services& services() { return services_; }
  guard::Monitor& monitor() { return monitor_; }

 private:
  void add_ours(const Settings& settings, const std::vector<std::string>& roles);
  void add_role(const Settings& settings, const std::string& role);
  void add_endpoint(const Settings& settings, const guard::Endpoint& endpoint);
  void add_other(const Settings::Service& set);

  guard::Services services_;
  guard::BalancedPool balanced_;
  guard::GuardedPool pool_;
  std::unique_ptr<Prober> prober_;
  guard::Monitor monitor_;
};

}  // namespace holdfast
