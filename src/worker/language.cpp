#include "worker/language.hpp"

#include <boost/json.hpp>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>

#include "core/grounding/utf8.hpp"

namespace holdfast::worker {
namespace {

namespace json = boost::json;
using std::chrono::steady_clock;

constexpr std::size_t kWaitingMax = 4;  // the server sends one request at a time; more is a broken server
constexpr unsigned kTokensMost = 32'768;
constexpr auto kProgressEvery = std::chrono::milliseconds{400};

std::string_view word_of(ErrorClass cls) {
  switch (cls) {
    case ErrorClass::dependency:
      return "dependency";
    case ErrorClass::resource:
      return "resource";
    case ErrorClass::permanent:
      return "permanent";
    default:
      return "transient";
  }
}

std::unexpected<Error> malformed(std::string_view what) {
  return fail(ErrorClass::permanent, "HF-SRV-01", "the request's " + std::string{what} + " cannot be used");
}

Result<json::object> parse_object(std::string_view frame) {
  boost::system::error_code bad;
  auto value = json::parse(frame, bad);
  if (bad || !value.is_object()) return malformed("JSON");
  return std::move(value.as_object());
}

Result<std::string> text(const json::object& frame, std::string_view field) {
  const auto* value = frame.if_contains(field);
  if (value == nullptr || !value->is_string()) return malformed(field);
  return std::string{value->get_string()};
}

Result<double> number(const json::object& frame, std::string_view field, double least, double most) {
  const auto* value = frame.if_contains(field);
  if (value == nullptr || !value->is_number()) return malformed(field);
  const auto given = value->to_number<double>();
  if (!(given >= least && given <= most)) return malformed(field);
  return given;
}

Result<std::vector<std::string>> lines(const json::object& frame) {
  const auto* value = frame.if_contains("lines");
  if (value == nullptr || !value->is_array()) return malformed("lines");
  std::vector<std::string> out;
  for (const auto& line : value->get_array()) {
    if (!line.is_string()) return malformed("lines");
    out.emplace_back(line.get_string());
  }
  return out;
}

json::value id_of(std::string_view frame) {
  const auto object = parse_object(frame);
  const auto* id = object ? object->if_contains("id") : nullptr;
  return id != nullptr && id->is_number() ? *id : json::value(0);
}

/// The same text, in valid UTF-8: other bytes would make the whole frame unreadable.
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

/// Reports at most some times a second, from inside the computation.
class ProgressReporter {
 public:
  ProgressReporter(Channel& channel, json::value id) : channel_{channel}, id_{std::move(id)} {}
  void operator()(double fraction) {
    const auto now = steady_clock::now();
    if (now < due_) return;
    due_ = now + kProgressEvery;
    channel_.write(json::serialize(json::object{{"type", "progress"}, {"id", id_}, {"fraction", fraction}}));
  }

 private:
  Channel& channel_;
  json::value id_;
  steady_clock::time_point due_ = steady_clock::now();
};

json::object answer_to(std::string_view frame, llama::TextModel& model, Channel& channel,
                       const std::atomic<bool>& stop) {
  const auto task = parse_task(frame);
  if (!task) return failed_frame(task.error());
  ProgressReporter report{channel, id_of(frame)};
  const auto answer = model.write(*task, [&](double fraction) { report(fraction); }, stop);
  if (!answer) return failed_frame(answer.error());
  return {{"type", "finished"},
          {"body",
           {{"text", valid_utf8(answer->text)},
            {"lines_used", answer->lines_used},
            {"tokens_in", answer->tokens_in},
            {"tokens_out", answer->tokens_out},
            {"shortened", answer->shortened},
            {"model", model.name()}}}};
}

}  // namespace

struct Requests::State {
  explicit State(Channel& from) : channel{from} {}

  void read() {
    while (auto incoming = channel.read()) {
      const std::lock_guard lock{mutex};
      if (waiting.size() == kWaitingMax) break;
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

Result<llama::TextTask> parse_task(std::string_view frame) {
  HF_TRY(const auto request, parse_object(frame));
  HF_TRY(const auto type, text(request, "type"));
  if (type != "generate") return malformed("type");
  llama::TextTask task;
  HF_TRY(task.system, text(request, "system"));
  HF_TRY(task.before, text(request, "before"));
  HF_TRY(task.lines, lines(request));
  HF_TRY(task.after, text(request, "after"));
  const auto* schema = request.if_contains("schema");
  if (schema == nullptr || !schema->is_object()) return malformed("schema");
  task.schema = json::serialize(*schema);
  HF_TRY(const auto tokens_max, number(request, "tokens_max", 1, kTokensMost));
  HF_TRY(task.temperature, number(request, "temperature", 0, 2));
  HF_TRY(const auto seed, number(request, "seed", 0, 4'294'967'294.0));
  task.tokens_max = static_cast<unsigned>(tokens_max);
  task.seed = static_cast<std::uint32_t>(seed);
  return task;
}

bool say_ready(Channel& channel, std::string_view engine, long load_ms) {
  return channel.write(
      json::serialize(json::object{{"type", "ready"}, {"engine", engine}, {"load_ms", load_ms}}));
}

bool say_failed(Channel& channel, const Error& error) {
  return channel.write(json::serialize(failed_frame(error)));
}

void serve_language(Channel& channel, Requests& requests, llama::TextModel& model) {
  while (const auto frame = requests.next()) {
    auto answer = answer_to(*frame, model, channel, requests.stop());
    answer["id"] = id_of(*frame);
    if (requests.stop() || !channel.write(json::serialize(answer))) return;
  }
}

}  // namespace holdfast::worker
