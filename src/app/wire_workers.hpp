#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "adapters/ffmpeg/media_pool.hpp"
#include "adapters/localfs/blob_store.hpp"
#include "app/config/settings.hpp"
#include "app/programs.hpp"
#include "guard/balanced_pool.hpp"
#include "ports/clock.hpp"
#include "ports/log.hpp"
#include "ports/worker_pool.hpp"

namespace holdfast {

/// The workers that the configuration asks for: FFmpeg, holdfast-stt, and for language and for embeddings holdfast-llm
/// or an endpoint; beside them the endpoints that have roles of their own.
class Workers {
 public:
  struct Deps {
    asio::any_io_executor executor;
    asio::thread_pool& files;
    Clock& clock;
    Entropy& entropy;
    LocalBlobStore& blobs;
    std::vector<std::string> roles{};  ///< of the recipes: each needs a language model
    Log* log = nullptr;
    std::function<std::optional<std::uint64_t>()> free_memory{};  ///< bytes; nothing: nobody knows
    bool embeds = false;  ///< a recipe compares meanings: that model is tried at the start as the others are
    std::function<void()> on_step{};  ///< a worker runs with less, or with more again
  };
  /// Errors: not_found HF-CFG-02 (a model of that name is not known).
  static Result<std::unique_ptr<Workers>> open(const Settings& settings, const Installation& installation,
                                               Deps deps);
  ~Workers();

  WorkerPool& pool();
  /// So many of each engine worker may be at work at once from now on, as ProcessWorkerPool::set_width.
  void set_width(unsigned workers);
  /// Memory that the largest of them needs, roughly.
  [[nodiscard]] std::uint64_t bytes_each() const;
  /// Those of the tables [endpoints.NAME]; they live as long as this.
  [[nodiscard]] const std::vector<guard::Endpoint>& endpoints() const;
  /// Does a role of the recipes need the language worker of our own, or what stands in for it?
  [[nodiscard]] bool own_language() const;
  /// For the time of a drain: nothing that takes long is begun to find out how a worker does.
  void stop_reading();

 private:
  struct Impl;
  explicit Workers(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// FFmpeg as the server runs it. Errors: as localfs/file_io.hpp.
Result<std::unique_ptr<FfmpegPool>> open_media(const Settings& settings, const Installation& installation,
                                               const Workers::Deps& deps);

/// How many engine workers of a model may ever be at work at once.
[[nodiscard]] unsigned engine_workers_max(const Settings& settings);

/// The model that the worker of our own, or the endpoint that stands in for it, uses for a role.
[[nodiscard]] const std::string& language_model_of(const Settings& settings, std::string_view role);
/// Who answers a role, with which models: where that is the same, an answer that was given before is worth as much.
[[nodiscard]] std::string who_answers(const Settings& settings, std::string_view role);

}  // namespace holdfast
