#pragma once

#include <boost/asio/thread_pool.hpp>
#include <list>
#include <memory>

#include "adapters/ffmpeg/conversion.hpp"
#include "adapters/localfs/blob_store.hpp"
#include "adapters/process/needed_files.hpp"
#include "ports/entropy.hpp"
#include "ports/worker_pool.hpp"

namespace holdfast {

/// The media worker: FFmpeg, run anew for each file and confined. Stands in for WorkerKind::media in
/// ProcessWorkerPool. Single-threaded: used from `executor` only. Runs must be gone before the pool goes.
class FfmpegPool final : public WorkerPool {
 public:
  struct Deps {
    asio::any_io_executor executor;
    Clock& clock;
    Entropy& entropy;
    LocalBlobStore& blobs;
    asio::thread_pool& files;  ///< for blocking file calls; outlives the pool
  };
  /// Makes DATA/work and empties it of what a dead process left. Errors: as localfs/file_io.hpp.
  static Result<std::unique_ptr<FfmpegPool>> open(FfmpegConfig config, Deps deps);
  ~FfmpegPool() override;

  /// The artifact is the sound as WAV, 16 kHz, mono, 16 bit. Errors of the run: as
  /// ffmpeg::AudioConversion::next.
  Task<Result<std::unique_ptr<WorkRun>>> start(WorkRequest request) override;
  /// Really converts a built-in sample. A conversion that came out well, of the sample or of a recording, holds
  /// for ten minutes, unless one fails or a program's file changes: an idle server spends nothing on it.
  /// Errors: dependency HF-FFM-01, canceled.
  Task<Result<void>> probe(WorkerKind kind) override;
  std::vector<WorkerStatus> status() override;

 private:
  class Run;
  FfmpegPool(FfmpegConfig config, Deps deps);
  Result<ffmpeg::WorkFolder> new_folder();
  [[nodiscard]] ffmpeg::AudioConversion::Deps parts() const;
  Result<void> check_programs() const;
  Task<Result<void>> convert_sample();
  [[nodiscard]] FileStamps stamps() const;
  /// A conversion with the programs that had these stamps came out well, or failed.
  void note_good(FileStamps stamps);
  void note_bad() { good_until_ = {}; }

  FfmpegConfig config_;
  Deps deps_;
  std::list<Run*> runs_;
  FileStamps good_;  ///< of the programs that did their work
  MonoTime good_until_{};
};

}  // namespace holdfast
