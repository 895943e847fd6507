#include "adapters/ffmpeg/media_pool.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <utility>

#include "adapters/ffmpeg/sample.hpp"
#include "async/offload.hpp"
#include "core/media/mpeg_frames.hpp"

namespace holdfast {
namespace {

namespace json = boost::json;

constexpr milliseconds kGoodFor{600'000};
constexpr milliseconds kSampleMax{30'000};

struct Head {
  media::Sniffed kind;
  std::uint64_t bytes = 0;
};

Result<std::string> read_at(int fd, std::uint64_t at) {
  std::string head(media::kSniffBytes, '\0');
  const ssize_t got = ::pread(fd, head.data(), head.size(), static_cast<off_t>(at));
  if (got < 0) return localfs::file_failure(errno, "read");
  head.resize(static_cast<std::size_t>(got));
  return head;
}

/// Sniffs, and looks behind an ID3 tag that is longer than what is sniffed.
Result<Head> look_at_head(int fd) {
  const off_t bytes = ::lseek(fd, 0, SEEK_END);
  if (bytes < 0) return localfs::file_failure(errno, "seek");
  HF_TRY(const std::string head, read_at(fd, 0));
  Head found{.kind = media::sniff(head), .bytes = static_cast<std::uint64_t>(bytes)};
  const std::size_t tag = media::id3v2_bytes(head);
  if (tag < media::kSniffBytes) return found;
  HF_TRY(const std::string behind, read_at(fd, tag));
  if (const auto kind = media::sniff(behind); kind.family == media::Family::audio) found.kind = kind;
  return found;
}

std::string describe_result(const ffmpeg::Converted& converted) {
  json::array warnings;
  for (const std::string& warning : converted.made.warnings) warnings.emplace_back(warning);
  json::object body{{"duration_ms", converted.made.duration_ms},
                    {"streams", converted.facts.streams},
                    {"codec", converted.facts.codec},
                    {"sample_rate", converted.facts.sample_rate},
                    {"channels", converted.facts.channels},
                    {"warnings", std::move(warnings)}};
  return json::serialize(body);
}

Result<void> write_sample(const std::filesystem::path& file) {
  HF_TRY(const UniqueFd fd, localfs::open_file(file, O_WRONLY | O_CREAT | O_EXCL));
  return localfs::write_all(fd.get(), ffmpeg::make_sample());
}

std::unexpected<Error> broken(const std::string& why) {
  return fail(ErrorClass::dependency, "HF-FFM-01", "FFmpeg could not convert the built-in sample: " + why);
}

}  // namespace

class FfmpegPool::Run final : public WorkRun {
 public:
  Run(FfmpegPool& pool, WorkRequest request)
      : pool_{pool},
        request_{std::move(request)},
        until_{pool.deps_.clock.mono_now() + request_.time_max},
        stamps_{pool.stamps()} {
    pool_.runs_.push_back(this);
  }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;
  ~Run() override { pool_.runs_.remove(this); }

  Task<Result<WorkEvent>> next() override {
    if (ended_) co_return fail(ErrorClass::canceled, "HF-SRV-02", "this piece of work is over");
    auto stepping = step();
    auto event = co_await std::move(stepping);
    if (!event && event.error().error_class() == ErrorClass::permanent) {
      auto checking = blame(std::move(event).error());
      event = std::unexpected{co_await std::move(checking)};
    }
    ended_ = !event || std::holds_alternative<Finished>(*event);
    if (event && ended_) pool_.note_good(stamps_);
    if (!event && event.error().error_class() != ErrorClass::canceled) pool_.note_bad();
    if (ended_) conversion_.reset();
    co_return event;
  }
  [[nodiscard]] WorkerStatus status() const {
    return {.kind = WorkerKind::media,
            .pid = conversion_ ? conversion_->pid() : 0,
            .state = "busy",
            .item = request_.item};
  }

 private:
  /// A file that cannot be read to its end by ourselves is the disk's fault, not the file's.
  Task<Error> blame(Error error) {
    auto reading = pool_.deps_.blobs.measure(request_.input);
    const auto whole = co_await std::move(reading);
    co_return whole ? error : whole.error();
  }

  Task<Result<WorkEvent>> step() {
    if (!conversion_) {
      auto preparing = prepare();
      HF_CO_TRY_VOID(co_await std::move(preparing));
    }
    auto converting =
        conversion_->next(std::min(until_, pool_.deps_.clock.mono_now() + request_.silence_max));
    HF_CO_TRY(auto made, co_await std::move(converting));
    if (const double* fraction = std::get_if<double>(&made)) co_return WorkEvent{Progress{*fraction}};
    const auto& converted = std::get<ffmpeg::Converted>(made);
    auto adopting = pool_.deps_.blobs.adopt(converted.file);
    HF_CO_TRY(auto artifact, co_await std::move(adopting));
    Finished finished{.body = describe_result(converted), .artifact = std::move(artifact)};
    co_return WorkEvent{std::move(finished)};
  }

  Task<Result<void>> prepare() {
    HF_CO_TRY(UniqueFd input, pool_.deps_.blobs.open_read(request_.input));
    HF_CO_TRY(const auto file, pool_.deps_.blobs.path_of(request_.input));
    auto call = [fd = std::make_shared<UniqueFd>(std::move(input))] { return look_at_head(fd->get()); };
    auto sniffing = offload(pool_.deps_.files, std::move(call));
    HF_CO_TRY(const Head head, co_await std::move(sniffing));
    HF_CO_TRY_VOID(media::judge_kind(head.kind));
    HF_CO_TRY(auto folder, pool_.new_folder());
    ffmpeg::Source source{.file = file, .demuxer = std::string{head.kind.demuxer}};
    conversion_ = std::make_unique<ffmpeg::AudioConversion>(pool_.parts(), std::move(source), head.bytes,
                                                            std::move(folder));
    co_return Result<void>{};
  }

  FfmpegPool& pool_;
  WorkRequest request_;
  MonoTime until_;
  FileStamps stamps_;
  std::unique_ptr<ffmpeg::AudioConversion> conversion_;
  bool ended_ = false;
};

FfmpegPool::FfmpegPool(FfmpegConfig config, Deps deps) : config_{std::move(config)}, deps_{std::move(deps)} {}
FfmpegPool::~FfmpegPool() = default;

Result<std::unique_ptr<FfmpegPool>> FfmpegPool::open(FfmpegConfig config, Deps deps) {
  config.root = std::filesystem::absolute(config.root);
  HF_TRY_VOID(ffmpeg::prepare_work(config.root));
  return std::unique_ptr<FfmpegPool>{new FfmpegPool{std::move(config), std::move(deps)}};
}

Result<ffmpeg::WorkFolder> FfmpegPool::new_folder() {
  return ffmpeg::WorkFolder::create(config_.root, make_token(deps_.entropy.roll()), deps_.files);
}

ffmpeg::AudioConversion::Deps FfmpegPool::parts() const {
  return {.executor = deps_.executor,
          .clock = deps_.clock,
          .config = config_,
          .reserve_bytes = deps_.blobs.config().reserve_bytes};
}

Result<void> FfmpegPool::check_programs() const {
  for (const std::string& name : {config_.ffprobe, config_.ffmpeg}) {
    if (!ffmpeg::find_program(name)) return fail(ErrorClass::dependency, "HF-FFM-01", name + " is missing");
  }
  return {};
}

Task<Result<std::unique_ptr<WorkRun>>> FfmpegPool::start(WorkRequest request) {
  HF_CO_TRY_VOID(check_programs());
  co_return std::make_unique<Run>(*this, std::move(request));
}

Task<Result<void>> FfmpegPool::probe(WorkerKind kind) {
  if (kind != WorkerKind::media)
    co_return fail(ErrorClass::dependency, "HF-FFM-01", "FFmpeg serves media only");
  HF_CO_TRY_VOID(check_programs());
  FileStamps now = stamps();
  if (deps_.clock.mono_now() < good_until_ && now == good_) co_return Result<void>{};
  auto converting = convert_sample();
  const auto converted = co_await std::move(converting);
  if (converted) {
    note_good(std::move(now));
    co_return Result<void>{};
  }
  if (converted.error().error_class() == ErrorClass::canceled) co_return converted;
  co_return broken(converted.error().what());
}

FileStamps FfmpegPool::stamps() const {
  FileStamps all{stamp_of(config_.confine)};
  for (const std::string& name : {config_.ffprobe, config_.ffmpeg})
    all.push_back(stamp_of(ffmpeg::find_program(name).value_or("")));
  return all;
}

void FfmpegPool::note_good(FileStamps stamps) {
  good_ = std::move(stamps);
  good_until_ = deps_.clock.mono_now() + kGoodFor;
}

Task<Result<void>> FfmpegPool::convert_sample() {
  HF_CO_TRY(auto folder, new_folder());
  ffmpeg::Source source{.file = folder.place() / "sample.wav", .demuxer = "wav"};
  HF_CO_TRY_VOID(write_sample(source.file));
  ffmpeg::AudioConversion conversion{parts(), std::move(source), ffmpeg::make_sample().size(),
                                     std::move(folder)};
  const MonoTime until = deps_.clock.mono_now() + kSampleMax;
  for (;;) {
    auto stepping = conversion.next(until);
    HF_CO_TRY(const auto made, co_await std::move(stepping));
    const auto* converted = std::get_if<ffmpeg::Converted>(&made);
    if (converted == nullptr) continue;
    if (std::abs(converted->made.duration_ms - ffmpeg::kSampleMs) > 50)
      co_return broken("it came out with another length");
    co_return Result<void>{};
  }
}

std::vector<WorkerStatus> FfmpegPool::status() {
  std::vector<WorkerStatus> all;
  for (const Run* run : runs_) all.push_back(run->status());
  if (all.empty()) all.push_back({.kind = WorkerKind::media, .state = "idle"});
  return all;
}

}  // namespace holdfast
