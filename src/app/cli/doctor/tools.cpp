#include <unistd.h>

#include "app/cli/doctor/check.hpp"
#include "app/cli/json_read.hpp"
#include "app/cli/render.hpp"
#include "app/cli/subprocess.hpp"

namespace holdfast::cli::doctor {

namespace {

constexpr milliseconds kToolTime{30'000};
const std::string kKey = "security.allow_unconfined_files";

std::string last_line(const std::string& output) {
  const auto end = output.find_last_not_of('\n');
  if (end == std::string::npos) return {};
  const auto before = output.rfind('\n', end);
  const auto start = before == std::string::npos ? 0 : before + 1;
  return printable(output.substr(start, end - start + 1));
}

std::string confine_in(const std::string& program_folder) {
  const std::string path = program_folder + "/holdfast-confine";
  return access(path.c_str(), X_OK) == 0 ? path : "";
}

/// The verdict on a kernel without Landlock or with it, given what the settings accept.
void judge_files(Check& check, bool confined, bool accepted) {
  if (accepted) {
    check.state = State::warn;
    check.text += "; " + kKey + " is set" + (confined ? "" : ": a decoder that is taken over can read what you can");
    check.what_to_do = confined ? "Take " + kKey + " away: this kernel does not need it."
                                : "Use a kernel with Landlock (5.13 or newer), then take " + kKey + " away.";
  } else if (!confined) {
    check.state = State::bad;
    check.text += ", so the server holds every job";
    check.what_to_do = "Use a kernel with Landlock (5.13 or newer, enabled), or accept the risk with " + kKey +
                       " = true.";
  }
}

}  // namespace

Check check_ffmpeg(const Settings& settings, const TryMedia& try_media) {
  if (!try_media)
    return {.name = "ffmpeg", .state = State::warn, .text = "this program was built without the server"};
  const auto tried = try_media(settings);
  if (tried) {
    return {.name = "ffmpeg",
            .text = settings.media.ffmpeg + " and " + settings.media.ffprobe + " converted a sample, as in the server"};
  }
  return bad("ffmpeg", printable(tried.error().what()),
             "Install FFmpeg (Debian: apt-get install ffmpeg), or name it in media.ffmpeg and media.ffprobe. "
             "Uploads are saved and wait until then.");
}

Check check_confinement(const Settings& settings, const std::string& program_folder) {
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
  judge_files(check, abi > 0, settings.security.allow_unconfined_files);
  if (filters) return check;
  check.state = State::bad;
  check.what_to_do = "Use a kernel with seccomp filters.";
  return check;
}

Check check_sqlite(const std::string& version) {
  if (version.empty())
    return {.name = "sqlite", .state = State::warn, .text = "the version is not known", .what_to_do = {}};
  return {.name = "sqlite", .text = version};
}

}  // namespace holdfast::cli::doctor
