#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <numbers>

#include "app/cli/doctor/check.hpp"
#include "app/cli/json_read.hpp"
#include "app/cli/render.hpp"
#include "app/cli/subprocess.hpp"

namespace holdfast::cli::doctor {

namespace {

namespace fs = std::filesystem;

constexpr unsigned kRate = 44'100;
constexpr unsigned kSeconds = 1;
constexpr unsigned kTone = 440;
/// WAV of one second, 16 kHz, mono, 16 bit: what a right conversion makes of the sound, less its header.
constexpr std::uintmax_t kConvertedBytes = 32'000;
constexpr std::uintmax_t kHeaderMax = 1'000;
constexpr milliseconds kToolTime{30'000};
constexpr int kConfineRefused = 125;

Check bad(std::string name, std::string text, std::string what_to_do) {
  return {.name = std::move(name),
          .state = State::bad,
          .text = std::move(text),
          .what_to_do = std::move(what_to_do)};
}

/// A folder that goes with this object.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::error_code problem;
    std::string pattern = (fs::temp_directory_path(problem) / "holdfast-doctor-XXXXXX").string();
    if (const char* const made = mkdtemp(pattern.data()); made != nullptr) path_ = made;
  }
  ~ScratchFolder() {
    std::error_code problem;
    if (!path_.empty()) fs::remove_all(path_, problem);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

std::string little_endian(std::uint32_t number, unsigned bytes) {
  std::string text;
  for (unsigned at = 0; at < bytes; ++at) text += static_cast<char>(number >> (8 * at) & 0xffU);
  return text;
}

/// One second of a tone as WAV, stereo, 44.1 kHz.
std::string sample() {
  std::string sound;
  for (unsigned at = 0; at < kRate * kSeconds; ++at) {
    const double angle = 2 * std::numbers::pi * kTone * at / kRate;
    const auto level =
        static_cast<std::uint16_t>(static_cast<std::int16_t>(std::lround(12'000 * std::sin(angle))));
    sound += little_endian(level, 2) + little_endian(level, 2);
  }
  const auto length = static_cast<std::uint32_t>(sound.size());
  return "RIFF" + little_endian(36 + length, 4) + "WAVEfmt " + little_endian(16, 4) + little_endian(1, 2) +
         little_endian(2, 2) + little_endian(kRate, 4) + little_endian(kRate * 4, 4) + little_endian(4, 2) +
         little_endian(16, 2) + "data" + little_endian(length, 4) + sound;
}

Child confined(const std::string& confine, const fs::path& folder, std::vector<std::string> command,
               bool without_files) {
  std::vector<std::string> words{confine,   "--read",        folder.string(),
                                 "--write", folder.string(), "--no-network"};
  if (without_files) words.emplace_back("--allow-unconfined-files");
  words.emplace_back("--");
  words.insert(words.end(), command.begin(), command.end());
  return {.words = words, .time_max = kToolTime};
}

std::string last_line(const std::string& output) {
  const auto end = output.find_last_not_of('\n');
  if (end == std::string::npos) return {};
  const auto start = output.rfind('\n', end);
  return printable(output.substr(start == std::string::npos ? 0 : start + 1,
                                 end - (start == std::string::npos ? 0 : start + 1) + 1));
}

const std::string kInstall =
    "Install FFmpeg (Debian: apt-get install ffmpeg), or name it in media.ffmpeg and media.ffprobe.";

/// Empty: the tool did its work. Otherwise what happened.
std::string run_tool(const std::string& program, const Child& child) {
  const auto end = run_child(child);
  if (!end) return end.error().what();
  if (end->timed_out) return program + " did not end in time";
  if (end->code != 0)
    return program + " failed with exit code " + std::to_string(end->code) + ": " + last_line(end->output);
  return {};
}

std::string confine_in(const std::string& program_folder) {
  const std::string path = program_folder + "/holdfast-confine";
  return access(path.c_str(), X_OK) == 0 ? path : "";
}

}  // namespace

Check check_ffmpeg(const Settings& settings, const std::string& program_folder) {
  const ScratchFolder scratch;
  const fs::path in = scratch.path() / "in.wav";
  const fs::path out = scratch.path() / "out.wav";
  if (!(std::ofstream{in, std::ios::binary} << sample()))
    return bad("ffmpeg", "no temporary folder can be written", "Set TMPDIR to one.");
  const std::vector<std::string> command{settings.media.ffmpeg,
                                         "-nostdin",
                                         "-hide_banner",
                                         "-loglevel",
                                         "error",
                                         "-y",
                                         "-protocol_whitelist",
                                         "file",
                                         "-i",
                                         in.string(),
                                         "-ar",
                                         "16000",
                                         "-ac",
                                         "1",
                                         "-c:a",
                                         "pcm_s16le",
                                         "-f",
                                         "wav",
                                         out.string()};
  const std::string confine = confine_in(program_folder);
  std::string how = confine.empty() ? "without confinement" : "confined";
  Child child = confine.empty() ? Child{.words = command, .time_max = kToolTime}
                                : confined(confine, scratch.path(), command, false);
  const auto first = run_child(child);
  if (!confine.empty() && first && first->code == kConfineRefused) {
    child = confined(confine, scratch.path(), command, true);
    how = "confined except for files";
  }
  const std::string problem = run_tool(settings.media.ffmpeg, child);
  if (!problem.empty()) return bad("ffmpeg", problem, kInstall);
  std::error_code failed;
  const auto bytes = fs::file_size(out, failed);
  const bool right = !failed && bytes >= kConvertedBytes && bytes <= kConvertedBytes + kHeaderMax;
  if (!right) return bad("ffmpeg", settings.media.ffmpeg + " made something else of a test sound", kInstall);
  return {.name = "ffmpeg", .text = settings.media.ffmpeg + " converted a test sound, " + how};
}

Check check_ffprobe(const Settings& settings) {
  const ScratchFolder scratch;
  const fs::path in = scratch.path() / "in.wav";
  if (!(std::ofstream{in, std::ios::binary} << sample()))
    return bad("ffprobe", "no temporary folder can be written", "Set TMPDIR to one.");
  const auto end = run_child({.words = {settings.media.ffprobe, "-v", "error", "-show_entries",
                                        "format=duration", "-of", "default=nw=1:nk=1", in.string()},
                              .time_max = kToolTime});
  if (!end) return bad("ffprobe", end.error().what(), kInstall);
  if (end->timed_out || end->code != 0 || !end->output.starts_with("1.0")) {
    return bad("ffprobe", settings.media.ffprobe + " did not read a test sound: " + last_line(end->output),
               kInstall);
  }
  return {.name = "ffprobe", .text = settings.media.ffprobe + " read a test sound"};
}

Check check_confinement(const std::string& program_folder) {
  const std::string confine = confine_in(program_folder);
  const std::string advice =
      "Build or install holdfast-confine beside this program: media files are untrusted.";
  if (confine.empty()) return bad("confinement", "holdfast-confine is not beside this program", advice);
  const auto end = run_child({.words = {confine, "--report"}, .time_max = kToolTime});
  if (!end || end->code != 0)
    return bad("confinement", end ? last_line(end->output) : end.error().what(), advice);
  const auto report = parse_object(end->output.substr(0, end->output.find_last_not_of("\r\n ") + 1));
  const auto abi = static_cast<int>(number_at(report, "landlock_abi", 0));
  const auto* const calls = report.if_contains("seccomp");
  const bool filters = calls != nullptr && calls->is_bool() && calls->get_bool();
  Check check{.name = "confinement",
              .text = std::string{"system call filter "} + (filters ? "in force" : "missing")};
  check.text += abi > 0 ? ", files confined (Landlock " + std::to_string(abi) + ")"
                        : ", files not confined (no Landlock)";
  if (!filters) check.state = State::bad;
  if (filters && abi <= 0) check.state = State::warn;
  if (check.state != State::ok)
    check.what_to_do = "Use a kernel with seccomp and Landlock (5.13 or newer, Landlock enabled).";
  return check;
}

Check check_sqlite(const std::string& version) {
  if (version.empty())
    return {.name = "sqlite", .state = State::warn, .text = "the version is not known", .what_to_do = {}};
  return {.name = "sqlite", .text = version};
}

}  // namespace holdfast::cli::doctor
