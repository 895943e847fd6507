#include "worker/speech_service.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <mutex>
#include <thread>

#include "worker/frame.hpp"
#include "worker/known_sound.hpp"
#include "worker/speech_frames.hpp"

namespace holdfast::worker {

namespace {

using std::chrono::steady_clock;

constexpr std::chrono::milliseconds kSpeechProgressEvery{500};

/// Ends without running destructors: other threads are in the middle of their work on what those would
/// destroy.
[[noreturn]] void leave() { std::_Exit(EXIT_SUCCESS); }

/// Tells the server. Progress comes from inside the computation, so a worker that hangs is silent.
class Teller final : public TranscriptListener {
 public:
  Teller(Channel& channel, std::int64_t id) : channel_{channel}, id_{id} {}
  bool on_window(const WindowDone& window) override {
    return channel_.write(speech_frames::segments(id_, window));
  }
  bool on_progress(double fraction) override {
    const auto now = steady_clock::now();
    if (now < due_) return true;
    due_ = now + kSpeechProgressEvery;
    return channel_.write(speech_frames::progress(id_, fraction));
  }

 private:
  Channel& channel_;
  std::int64_t id_;
  steady_clock::time_point due_ = steady_clock::now() + kSpeechProgressEvery;
};

Result<SpeechReport> answer(Incoming& incoming, Transcriber& transcriber, Channel& channel) {
  HF_TRY(auto request, speech_frames::parse_request(incoming.body));
  HF_TRY(const auto wav, WavFile::open(std::move(incoming.fd)));
  Teller teller{channel, request.id};
  return transcriber.transcribe(wav, std::move(request), teller);
}

/// The engine and the detector hear the known sound.
Result<std::string> probe(std::int64_t id, SpeechEngine& engine, VoiceDetector& detector) {
  const auto sound = known_sound();
  HF_TRY_VOID(detector.hear(sound));
  const auto voice = detector.take();
  HF_TRY(const LanguageGuess guess, engine.detect_language(sound));
  return speech_frames::probed(id, guess, voice.empty() ? -1 : *std::ranges::max_element(voice));
}

std::string frame_for(Incoming& incoming, SpeechEngine& engine, VoiceDetector& detector, Channel& channel) {
  const auto id = speech_frames::id_of(incoming.body);
  if (speech_frames::is_probe(incoming.body)) {
    auto probed = probe(id, engine, detector);
    return probed ? *std::move(probed) : speech_frames::failed(id, probed.error());
  }
  Transcriber transcriber{engine, detector};
  const auto report = answer(incoming, transcriber, channel);
  return report ? speech_frames::finished(id, *report) : speech_frames::failed(id, report.error());
}

}  // namespace

struct SpeechRequests::State {
  void push(Incoming incoming) {
    const std::lock_guard lock{mutex};
    if (requests.size() == kRequestsWaitingMax) leave();
    requests.push_back(std::move(incoming));
    came.notify_one();
  }
  Incoming pop() {
    std::unique_lock lock{mutex};
    came.wait(lock, [this] { return !requests.empty(); });
    Incoming first = std::move(requests.front());
    requests.pop_front();
    return first;
  }

  std::mutex mutex;
  std::condition_variable came;
  std::deque<Incoming> requests;
};

SpeechRequests::SpeechRequests(Channel& channel) : state_{std::make_shared<State>()} {
  std::thread{[&channel, state = state_] {
    while (auto incoming = channel.read()) state->push(std::move(*incoming));
    leave();
  }}.detach();  // it ends with the process
}

Incoming SpeechRequests::next() { return state_->pop(); }

void serve_speech(Channel& channel, SpeechRequests& requests, SpeechEngine& engine, VoiceDetector& detector) {
  while (true) {
    Incoming incoming = requests.next();
    const auto frame = frame_for(incoming, engine, detector, channel);
    if (!channel.write(frame)) leave();
  }
}

}  // namespace holdfast::worker
