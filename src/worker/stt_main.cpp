// holdfast-stt: speech to text as a child process (docs/worker-protocol.md, docs/decisions/0005-speech.md).

#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>

#include "worker/energy_detector.hpp"
#include "worker/model_file.hpp"
#include "worker/speech_frames.hpp"
#include "worker/speech_service.hpp"

namespace holdfast {
namespace {

using std::chrono::steady_clock;

constexpr int kExitUsage = 2;
constexpr int kExitNoModel = 3;
constexpr unsigned kThreadsMost = 256;
constexpr std::size_t kSha256Digits = 64;

constexpr auto kUsage =
    "usage: holdfast-stt --model FILE --model-sha256 HEX [--vad FILE --vad-sha256 HEX] --threads N\n"
    "It is started by holdfast serve and talks over file descriptor 3.\n";

struct Options {
  std::string model;
  std::string model_sha256;
  std::string vad;  ///< empty: loudness decides what is speech
  std::string vad_sha256;
  unsigned threads = 0;
};

bool read_threads(const std::string& text, unsigned& into) {
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), into);
  return problem == std::errc{} && end == text.data() + text.size() && into >= 1 && into <= kThreadsMost;
}

/// False: the command line is not as the usage says.
bool read_arguments(int argc, char** argv, Options& options) {
  std::map<std::string, std::string> given;
  for (int i = 1; i + 1 < argc; i += 2) given[argv[i]] = argv[i + 1];
  options.model = given["--model"];
  options.model_sha256 = given["--model-sha256"];
  options.vad = given["--vad"];
  options.vad_sha256 = given["--vad-sha256"];
  const bool vad_is_whole =
      options.vad.empty() ? options.vad_sha256.empty() : options.vad_sha256.size() == kSha256Digits;
  return argc % 2 == 1 && given.size() == 5 && vad_is_whole && !options.model.empty() &&
         options.model_sha256.size() == kSha256Digits && read_threads(given["--threads"], options.threads);
}

struct Parts {
  std::unique_ptr<SpeechEngine> engine;
  std::unique_ptr<VoiceDetector> detector;
};

Result<Parts> load(const Options& options) {
  HF_TRY_VOID(worker::check_model_file(options.model, options.model_sha256));
  Parts parts;
  HF_TRY(parts.engine, open_speech_engine({.file = options.model, .threads = options.threads}));
  if (options.vad.empty()) {
    parts.detector = std::make_unique<worker::EnergyDetector>();
    return parts;
  }
  HF_TRY_VOID(worker::check_model_file(options.vad, options.vad_sha256));
  HF_TRY(parts.detector, open_voice_detector(options.vad));
  return parts;
}

int run(const Options& options) {
  const auto start = steady_clock::now();
  worker::Channel channel{worker::kChannelFd};
  worker::SpeechRequests requests{channel};  // before the model: memory that it lacks is missed at once
  const auto parts = load(options);
  if (!parts) {
    std::fprintf(stderr, "%s %s\n", parts.error().code().c_str(), parts.error().what().c_str());
    channel.write(worker::speech_frames::failed(std::nullopt, parts.error()));
    std::_Exit(kExitNoModel);  // the thread that listens goes on using the channel
  }
  const auto load_ms =
      std::chrono::duration_cast<std::chrono::milliseconds>(steady_clock::now() - start).count();
  if (!channel.write(worker::speech_frames::ready(parts->engine->name(), load_ms))) std::_Exit(EXIT_SUCCESS);
  worker::serve_speech(channel, requests, *parts->engine, *parts->detector);
}

}  // namespace
}  // namespace holdfast

int main(int argc, char** argv) {
  holdfast::Options options;
  if (!holdfast::read_arguments(argc, argv, options)) {
    std::fputs(holdfast::kUsage, stderr);
    return holdfast::kExitUsage;
  }
  return holdfast::run(options);
}
