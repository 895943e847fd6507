#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "adapters/ffmpeg/media_pool.hpp"
#include "adapters/localfs/blob_store.hpp"
#include "app/config/settings.hpp"
#include "app/programs.hpp"
#include "ports/clock.hpp"
#include "ports/log.hpp"
#include "ports/worker_pool.hpp"

namespace holdfast {

/// The workers that the configuration asks for: FFmpeg, holdfast-stt, and for language and for embeddings holdfast-llm
/// or an endpoint.
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
  };
  /// Errors: not_found HF-CFG-02 (a model of that name is not known).
  static Result<std::unique_ptr<Workers>> open(const Settings& settings, const Installation& installation,
                                               Deps deps);
  ~Workers();

  WorkerPool& pool();
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

/// The model that the configuration names for a role.
[[nodiscard]] const std::string& language_model_of(const Settings& settings, std::string_view role);

}  // namespace holdfast
