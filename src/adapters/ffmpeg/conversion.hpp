#pragma once

#include <memory>
#include <variant>

#include "adapters/ffmpeg/commands.hpp"
#include "adapters/ffmpeg/output.hpp"
#include "adapters/ffmpeg/work_folder.hpp"

namespace holdfast::ffmpeg {

/// A finished WAV in the work folder.
struct Converted {
  std::filesystem::path file;
  media::ProbeFacts facts;
  media::Conversion made;
};
/// How far it is, 0..1; or the end.
using ConversionStep = std::variant<double, Converted>;

/// One file on its way to 16 kHz mono WAV: ffprobe looks, media::judge_probe decides, ffmpeg converts,
/// media::judge_output decides. Destroying it kills what runs and removes its folder.
class AudioConversion {
 public:
  struct Deps {
    asio::any_io_executor executor;
    Clock& clock;
    const FfmpegConfig& config;
    std::uint64_t reserve_bytes = 0;  ///< of the disk, stays free
  };
  AudioConversion(Deps deps, Source source, std::uint64_t source_bytes, WorkFolder folder);

  /// Errors: permanent HF-MED-*; dependency HF-FFM-01; resource HF-STO-02; transient kWorkerDied,
  /// kWorkerHung, HF-STO-01, HF-ENG-07; canceled.
  Task<Result<ConversionStep>> next(MonoTime deadline);

  /// Of the program that runs; 0: none.
  [[nodiscard]] int pid() const;

 private:
  Result<void> launch(std::vector<std::string> command);
  Task<Result<void>> look(MonoTime deadline);
  Result<void> check_room() const;
  Result<void> begin();
  Task<Result<ConversionStep>> finish(MonoTime deadline);
  [[nodiscard]] double fraction_at(std::int64_t position_us) const;
  [[nodiscard]] std::filesystem::path output_file() const { return folder_.place() / "out.wav"; }

  Deps deps_;
  Source source_;
  WorkFolder folder_;  // before the child: it is removed after the child was killed
  media::ProbeFacts facts_;
  bool converting_ = false;
  ProgressLines lines_;
  std::unique_ptr<ChildProcess> child_;
  std::unique_ptr<OutputPipe> output_;
};

}  // namespace holdfast::ffmpeg
