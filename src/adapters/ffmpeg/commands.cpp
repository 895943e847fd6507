#include "adapters/ffmpeg/commands.hpp"

#include <unistd.h>

#include <cstdlib>
#include <string_view>

#include "adapters/process/confinement.hpp"

namespace holdfast::ffmpeg {
namespace {

using Words = std::vector<std::string>;

/// Decoders of sound that people really bring. Everything else, and every decoder of pictures, is not even
/// opened.
constexpr const char* kDecoders =
    "aac,aac_latm,ac3,eac3,dca,mlp,truehd,alac,flac,mp1,mp1float,mp2,mp2float,mp3,mp3float,opus,libopus,"
    "vorbis,libvorbis,"
    "speex,libspeex,amrnb,amrwb,libopencore_amrnb,libopencore_amrwb,gsm,gsm_ms,libgsm,libgsm_ms,wmav1,wmav2,"
    "wmapro,"
    "wmalossless,wmavoice,wavpack,ape,tta,mpc7,mpc8,nellymoser,qcelp,evrc,ilbc,g722,g723_1,g726,g726le,g729,"
    "qdm2,mace3,mace6,"
    "shorten,sbc,s302m,pcm_alaw,pcm_mulaw,pcm_bluray,pcm_dvd,pcm_f16le,pcm_f24le,pcm_f32be,pcm_f32le,pcm_"
    "f64be,pcm_f64le,"
    "pcm_s16be,pcm_s16be_planar,pcm_s16le,pcm_s16le_planar,pcm_s24be,pcm_s24le,pcm_s24le_planar,pcm_s32be,"
    "pcm_s32le,"
    "pcm_s32le_planar,pcm_s64be,pcm_s64le,pcm_s8,pcm_s8_planar,pcm_u16be,pcm_u16le,pcm_u24be,pcm_u24le,pcm_"
    "u32be,pcm_u32le,"
    "pcm_u8,adpcm_adx,adpcm_ct,adpcm_g722,adpcm_ima_qt,adpcm_ima_wav,adpcm_ms,adpcm_sbpro_2,adpcm_sbpro_3,"
    "adpcm_sbpro_4,"
    "adpcm_swf,adpcm_yamaha";

constexpr const char* kProbeBytes = "10000000";
constexpr const char* kAnalyzeMicroseconds = "10000000";
/// The demuxer stops there; how many are accepted is decided by judge_probe.
constexpr const char* kStreamsMax = "256";
constexpr const char* kPixelsMax = "40000000";
constexpr const char* kAllocationMax = "536870912";
constexpr std::uint64_t kHeaderRoom = 1U << 20U;
constexpr std::int64_t kBytesPerMs = media::kOutputRate * 2 / 1000;

std::string as_file(const std::filesystem::path& place) { return "file:" + place.string(); }

void append(Words& words, std::initializer_list<std::string> more) { words.insert(words.end(), more); }

/// What both programs are told about the input: one protocol, one demuxer, and how far to look.
void append_source(Words& words, const Source& source) {
  append(words, {"-protocol_whitelist", "file", "-format_whitelist", source.demuxer, "-max_streams",
                 kStreamsMax, "-probesize", kProbeBytes, "-analyzeduration", kAnalyzeMicroseconds, "-f",
                 source.demuxer, "-i", as_file(source.file)});
}

Confinement fences(const FfmpegConfig& config, const Source& source) {
  return {.confine = config.confine,
          .read = {source.file},
          .memory_bytes = config.memory_bytes,
          .cpu_seconds = config.cpu_seconds,
          .allow_unconfined_files = config.allow_unconfined_files};
}

}  // namespace

std::optional<std::filesystem::path> find_program(const std::string& name) {
  const auto runs = [](const std::filesystem::path& place) { return ::access(place.c_str(), X_OK) == 0; };
  if (name.find('/') != std::string::npos)
    return runs(name) ? std::optional{std::filesystem::absolute(name)} : std::nullopt;
  const char* const given = std::getenv("PATH");
  std::string_view folders = given != nullptr ? given : "/usr/local/bin:/usr/bin:/bin";
  while (!folders.empty()) {
    const auto colon = folders.find(':');
    const std::filesystem::path folder{folders.substr(0, colon)};
    folders.remove_prefix(colon == std::string_view::npos ? folders.size() : colon + 1);
    if (!folder.is_absolute()) continue;  // a program that lies where we happen to run is nobody's choice
    if (const auto place = folder / name; runs(place)) return place;
  }
  return std::nullopt;
}

std::uint64_t output_bytes_max(const FfmpegConfig& config) {
  return static_cast<std::uint64_t>(config.limits.duration_ms_max * kBytesPerMs) + kHeaderRoom;
}

Words probe_command(const FfmpegConfig& config, const std::filesystem::path& program, const Source& source) {
  Words words{program.string(), "-v", "error", "-hide_banner", "-max_pixels", kPixelsMax};
  append(words,
         {"-show_entries", "format=duration:stream=codec_type,codec_name,sample_rate,channels,duration",
          "-of", "json=c=1"});
  append_source(words, source);
  Confinement rules = fences(config, source);
  rules.cpu_seconds = static_cast<std::uint64_t>(config.probe_max.count() / 1000 + 1);
  rules.file_bytes = 1;  // it has nothing to write
  return confined(rules, std::move(words));
}

Words convert_command(const FfmpegConfig& config, const std::filesystem::path& program, const Source& source,
                      const std::filesystem::path& output) {
  const std::uint64_t bytes_max = output_bytes_max(config);
  Words words{program.string(), "-nostdin",   "-hide_banner", "-v",
              "error",          "-nostats",   "-y",           "-progress",
              "pipe:1",         "-max_alloc", kAllocationMax, "-codec_whitelist",
              kDecoders};
  append_source(words, source);
  append(words, {"-map", "0:a:0", "-vn", "-sn", "-dn", "-map_metadata", "-1", "-map_chapters", "-1", "-ac",
                 "1", "-ar", std::to_string(media::kOutputRate), "-c:a", "pcm_s16le"});
  // A little more than is accepted, so that what is too long shows as too long and not as just right.
  append(words, {"-t", std::to_string(config.limits.duration_ms_max + 1000) + "ms", "-fs",
                 std::to_string(bytes_max)});
  append(words, {"-fflags", "+bitexact", "-f", "wav", as_file(output)});
  Confinement rules = fences(config, source);
  rules.write = {output.parent_path()};
  rules.file_bytes = bytes_max + kHeaderRoom;
  return confined(rules, std::move(words));
}

}  // namespace holdfast::ffmpeg
