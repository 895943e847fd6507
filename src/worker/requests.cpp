#include "worker/requests.hpp"

#include <boost/json.hpp>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include "core/grounding/utf8.hpp"
#include "worker/frame.hpp"

namespace holdfast::worker {
namespace {

namespace json = boost::json;
using std::chrono::steady_clock;

constexpr auto kModelProgressEvery = std::chrono::milliseconds{400};

}  // namespace

json::value id_of(std::string_view frame) {
  const auto object = parse_object(frame);
  const auto* id = object ? object->if_contains("id") : nullptr;
  return id != nullptr && id->is_number() ? *id : json::value(0);
}

std::string valid_utf8(std::string_view text) {
  std::string out;
  while (!text.empty()) grounding::put_character(out, grounding::take_character(text));
  return out;
}

json::object failed_frame(const Error& error) {
  return {{"type", "failed"},
          {"class", word_of(error.error_class())},
          {"code", error.code()},
          {"message", valid_utf8(error.what())}};
}

struct Requests::State {
  explicit State(Channel& from) : channel{from} {}

  void read() {
    while (auto incoming = channel.read()) {
      const std::lock_guard lock{mutex};
      if (waiting.size() == kRequestsWaitingMax) break;
      waiting.push_back(std::move(incoming->body));
      changed.notify_one();
    }
    const std::lock_guard lock{mutex};
    stop = true;
    changed.notify_one();
  }

  Channel& channel;
  std::atomic<bool> stop = false;
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<std::string> waiting;
  std::thread reader;
};

Requests::Requests(Channel& channel) : state_{std::make_unique<State>(channel)} {
  state_->reader = std::thread{[state = state_.get()] { state->read(); }};
}

Requests::~Requests() { state_->reader.join(); }

const std::atomic<bool>& Requests::stop() const noexcept { return state_->stop; }

std::optional<std::string> Requests::next() {
  std::unique_lock lock{state_->mutex};
  state_->changed.wait(lock, [&] { return state_->stop || !state_->waiting.empty(); });
  if (state_->stop) return std::nullopt;
  auto frame = std::move(state_->waiting.front());
  state_->waiting.pop_front();
  return frame;
}

bool say_ready(Channel& channel, std::string_view engine, long load_ms) {
  return channel.write(
      json::serialize(json::object{{"type", "ready"}, {"engine", engine}, {"load_ms", load_ms}}));
}

bool say_failed(Channel& channel, const Error& error) {
  return channel.write(json::serialize(failed_frame(error)));
}

struct ProgressReporter::State {
  Channel& channel;
  json::value id;
  steady_clock::time_point due = steady_clock::now();
};

ProgressReporter::ProgressReporter(Channel& channel, std::string_view frame)
    : state_{std::make_unique<State>(channel, id_of(frame))} {}
ProgressReporter::~ProgressReporter() = default;

void ProgressReporter::operator()(double fraction) {
  const auto now = steady_clock::now();
  if (now < state_->due) return;
  state_->due = now + kModelProgressEvery;
  const json::object frame{{"type", "progress"}, {"id", state_->id}, {"fraction", fraction}};
  state_->channel.write(json::serialize(frame));
}

}  // namespace holdfast::worker
