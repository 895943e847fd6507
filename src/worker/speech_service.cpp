#include "worker/speech_service.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <mutex>
#include <thread>

#include "worker/speech_frames.hpp"

namespace holdfast::worker {

namespace {

using std::chrono::steady_clock;

constexpr std::size_t kWaitingMax = 4;  // the server sends one request at a time; more is a broken server
constexpr std::chrono::milliseconds kProgressEvery{500};

/// Ends without running destructors: other threads are in the middle of their work on what those would
/// destroy.
[[noreturn]] void leave() { std::_Exit(EXIT_SUCCESS); }

/// Requests that came while another is worked on.
class Waiting {
 public:
  void push(Incoming incoming) {
    const std::lock_guard lock{mutex_};
    if (requests_.size() == kWaitingMax) leave();
    requests_.push_back(std::move(incoming));
    came_.notify_one();
  }
  Incoming pop() {
    std::unique_lock lock{mutex_};
    came_.wait(lock, [this] { return !requests_.empty(); });
    Incoming first = std::move(requests_.front());
    requests_.pop_front();
    return first;
  }

 private:
  std::mutex mutex_;
  std::condition_variable came_;
  std::deque<Incoming> requests_;
};

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
    due_ = now + kProgressEvery;
    return channel_.write(speech_frames::progress(id_, fraction));
  }

 private:
  Channel& channel_;
  std::int64_t id_;
  steady_clock::time_point due_ = steady_clock::now() + kProgressEvery;
};

Result<SpeechReport> answer(Incoming& incoming, Transcriber& transcriber, Channel& channel) {
  HF_TRY(auto request, speech_frames::parse_request(incoming.body));
  HF_TRY(const auto wav, WavFile::open(std::move(incoming.fd)));
  Teller teller{channel, request.id};
  return transcriber.transcribe(wav, std::move(request), teller);
}

}  // namespace

void serve_speech(Channel& channel, SpeechEngine& engine, VoiceDetector& detector) {
  Waiting waiting;
  std::thread{[&channel, &waiting] {
    while (auto incoming = channel.read()) waiting.push(std::move(*incoming));
    leave();
  }}.detach();  // it ends with the process
  Transcriber transcriber{engine, detector};
  while (true) {
    Incoming incoming = waiting.pop();
    const auto id = speech_frames::id_of(incoming.body);
    const auto report = answer(incoming, transcriber, channel);
    const auto frame =
        report ? speech_frames::finished(id, *report) : speech_frames::failed(id, report.error());
    if (!channel.write(frame)) leave();
  }
}

}  // namespace holdfast::worker
