#include "adapters/ffmpeg/conversion.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>

#include "adapters/localfs/file_io.hpp"
#include "ports/worker_pool.hpp"

namespace holdfast::ffmpeg {
namespace {

constexpr std::size_t kProbeOutputMax = 1U << 20U;
/// What ffmpeg writes before the samples when it is told to be exact.
constexpr std::int64_t kWavHeader = 44;
constexpr std::int64_t kBytesPerSample = 2;
/// How long a program may take to end after it closed its output.
constexpr milliseconds kEndShows{10'000};

std::unexpected<Error> missing(const std::string& program) {
  return fail(ErrorClass::dependency, "HF-FFM-01", program + " is missing");
}

/// Samples in the WAV that was made; 0 when there is none, or no more than a header.
Result<std::int64_t> count_samples(const std::filesystem::path& file) {
  auto opened = localfs::open_file(file, O_RDONLY | O_NONBLOCK);
  if (!opened && opened.error().error_class() == ErrorClass::not_found) return 0;
  HF_TRY(const UniqueFd fd, std::move(opened));
  struct stat info{};
  if (::fstat(fd.get(), &info) != 0) return localfs::file_failure(errno, "fstat");
  if (info.st_size <= kWavHeader) return 0;
  std::array<char, 4> tag{};
  const bool read = ::pread(fd.get(), tag.data(), tag.size(), 36) == static_cast<ssize_t>(tag.size());
  if (!read || std::string_view{tag.data(), tag.size()} != "data") {
    return fail(ErrorClass::transient, kWorkerDied, "FFmpeg wrote something else than asked");
  }
  return (info.st_size - kWavHeader) / kBytesPerSample;
}

}  // namespace

AudioConversion::AudioConversion(Deps deps, Source source, std::uint64_t source_bytes, WorkFolder folder)
    : deps_{std::move(deps)}, source_{std::move(source)}, folder_{std::move(folder)} {
  facts_.file_bytes = source_bytes;
}

int AudioConversion::pid() const { return child_ && child_->running() ? child_->pid() : 0; }

Task<Result<ConversionStep>> AudioConversion::next(MonoTime deadline) {
  if (!converting_) {
    auto looking = look(deadline);
    HF_CO_TRY_VOID(co_await std::move(looking));
    HF_CO_TRY_VOID(check_room());
    HF_CO_TRY_VOID(begin());
    co_return ConversionStep{0.0};
  }
  for (;;) {
    auto reading = output_->read_some(deadline);
    HF_CO_TRY(const std::string piece, co_await std::move(reading));
    if (piece.empty()) break;
    if (const auto position = lines_.add(piece)) co_return ConversionStep{fraction_at(*position)};
  }
  auto finishing = finish(deadline);
  co_return co_await std::move(finishing);
}

Result<void> AudioConversion::launch(std::vector<std::string> command) {
  const ChildSpec spec{.command = std::move(command), .folder = folder_.place(), .output = true};
  auto spawned = ChildProcess::spawn(deps_.executor, deps_.clock, spec);
  if (!spawned && spawned.error().error_class() == ErrorClass::dependency) {
    return fail(ErrorClass::dependency, "HF-FFM-01", spawned.error().what());
  }
  HF_TRY(child_, std::move(spawned));
  output_ = std::make_unique<OutputPipe>(deps_.executor, deps_.clock, child_->take_output());
  return {};
}

Task<Result<void>> AudioConversion::look(MonoTime deadline) {
  const auto program = find_program(deps_.config.ffprobe);
  if (!program) co_return missing("ffprobe");
  HF_CO_TRY_VOID(launch(probe_command(deps_.config, *program, source_)));
  const MonoTime until = std::min(deadline, deps_.clock.mono_now() + deps_.config.probe_max);
  auto reading = output_->read_all(kProbeOutputMax, until);
  HF_CO_TRY(const std::string printed, co_await std::move(reading));
  auto ending = child_->wait(until);
  HF_CO_TRY(const ChildExit exit, co_await std::move(ending));
  HF_CO_TRY_VOID(judge_exit(exit, *child_));
  if (exit.code != 0) co_return unreadable(*child_);
  HF_CO_TRY(facts_, parse_probe(printed, facts_.file_bytes));
  co_return media::judge_probe(facts_, deps_.config.limits);
}

/// Better to wait for room than to fill the disk and then fail.
Result<void> AudioConversion::check_room() const {
  HF_TRY(const std::uint64_t free, localfs::free_bytes_at(folder_.place()));
  const auto said = static_cast<std::uint64_t>(std::max<std::int64_t>(facts_.duration_ms, 0)) * 32U;
  const std::uint64_t needed = std::min(said, output_bytes_max(deps_.config)) + deps_.reserve_bytes;
  if (free < needed)
    return fail(ErrorClass::resource, "HF-STO-02", "not enough free space to convert the recording");
  return {};
}

Result<void> AudioConversion::begin() {
  const auto program = find_program(deps_.config.ffmpeg);
  if (!program) return missing("ffmpeg");
  converting_ = true;
  return launch(convert_command(deps_.config, *program, source_, output_file()));
}

Task<Result<ConversionStep>> AudioConversion::finish(MonoTime deadline) {
  auto ending = child_->wait(std::min(deadline, deps_.clock.mono_now() + kEndShows));
  HF_CO_TRY(const ChildExit exit, co_await std::move(ending));
  if (exit.signal == SIGXFSZ)
    co_return fail(ErrorClass::permanent, "HF-MED-04", "the recording does not end");
  HF_CO_TRY_VOID(judge_exit(exit, *child_));
  media::OutputFacts output{.complete = exit.ok() && !complained(*child_)};
  HF_CO_TRY(output.samples, count_samples(output_file()));
  HF_CO_TRY(auto made, media::judge_output(output, facts_, deps_.config.limits));
  Converted whole{.file = output_file(), .facts = facts_, .made = std::move(made)};
  co_return ConversionStep{std::move(whole)};
}

double AudioConversion::fraction_at(std::int64_t position_us) const {
  if (facts_.duration_ms <= 0) return 0;
  return std::clamp(static_cast<double>(position_us) / 1000 / static_cast<double>(facts_.duration_ms), 0.0,
                    1.0);
}

}  // namespace holdfast::ffmpeg
