#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "app/config/settings.hpp"
#include "app/models/fetch.hpp"
#include "app/models/models.hpp"
#include "core/retry/backoff.hpp"
#include "ports/clock.hpp"
#include "ports/entropy.hpp"
#include "ports/log.hpp"

namespace holdfast {

/// Makes a model ready again that is missing, as one is after it was found damaged and set aside: runs in the
/// background what `holdfast models pull` runs, after growing pauses where it fails.
class ModelFetcher {
 public:
  struct Deps {
    asio::any_io_executor executor;
    Clock& clock;
    Entropy& entropy;
    Log* log = nullptr;
    std::function<Task<void>()> on_fetched{};  ///< a model may be there again
  };
  ModelFetcher(const Settings& settings, std::string program_folder, Deps deps);

  /// Looks for missing models until it is stopped.
  Task<void> run();
  /// Ends `run`, and the program that it may have started.
  void stop();
  /// What everybody should know of it now; empty: nothing.
  [[nodiscard]] const std::string& notice() const { return notice_; }

 private:
  [[nodiscard]] bool some_missing() const;
  Task<bool> fetch();
  Task<Result<void>> run_child(models::FetchPlan plan);
  void report(const Result<void>& fetched);

  Deps deps_;
  bool wanted_;
  std::vector<models::ModelFile> needed_;
  Result<models::FetchPlan> plan_;
  std::string notice_;
  std::string told_;  ///< the trouble that the log has
  std::unique_ptr<Wakeup> bell_;
  bool stopping_ = false;
};

}  // namespace holdfast
