#include "app/drill/acceptance.hpp"

#include <poll.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <fstream>
#include <mutex>
#include <thread>

#include "app/cli/progress.hpp"
#include "app/drill/processes.hpp"
#include "app/drill/scene.hpp"

namespace holdfast::drill {
namespace {

namespace json = boost::json;

constexpr int kProbeEveryMs = 50;
constexpr unsigned kServerDiesEvery = 2;  ///< in each second round the server is killed
constexpr milliseconds kSpeechLength{15'000};   ///< of each upload
constexpr unsigned kSendsMax = 600;       ///< of one upload, as often as a patient client would
constexpr int kSendAgainMs = 100;
constexpr double kMemoryMax = 2'000;  ///< MB, server and workers together: what a small machine has to spare
// Row LAB_12.
constexpr double kFirstAttemptMin = 80;
constexpr double kRecoveredMin = 95;
constexpr double kAvailableMin = 90;

void pause(int ms) { std::ignore = ::poll(nullptr, 0, ms); }

double resident_mb(pid_t pid) { return static_cast<double>(memory_of(pid, "VmRSS")) / 1e6; }

/// Looks again and again from outside whether the server is ready, and how much memory all of it has.
class Watch {
 public:
  explicit Watch(const Instance& instance) : instance_{instance}, thread_{[this] { run(); }} {}
  ~Watch() { stop(); }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  void stop() {
    stopping_ = true;
    if (thread_.joinable()) thread_.join();
  }
  /// While this is held nobody looks, as url and process change, and the server counts as not ready.
  [[nodiscard]] std::unique_lock<std::mutex> look_away() { return std::unique_lock{looking_}; }

  [[nodiscard]] double available_percent() const { return probes_ == 0 ? 0 : 100.0 * ready_ / probes_; }
  [[nodiscard]] double server_mb() const { return server_mb_; }
  [[nodiscard]] double all_mb() const { return all_mb_; }

 private:
  void run() {
    while (!stopping_) {
      pause(kProbeEveryMs);
      probes_ += 1;
      const std::unique_lock look{looking_, std::try_to_lock};
      if (!look) continue;
      const auto answer = instance_.ask("GET", "/readyz");
      ready_ += answer && answer->status == 200 ? 1 : 0;
      const double server = resident_mb(instance_.pid());
      double all = server;
      for (const Process& process : descendants(instance_.pid())) all += resident_mb(process.pid);
      server_mb_ = std::max(server_mb_, server);
      all_mb_ = std::max(all_mb_, all);
    }
  }

  const Instance& instance_;
  std::mutex looking_;
  std::atomic<bool> stopping_{false};
  unsigned probes_ = 0;
  unsigned ready_ = 0;
  double server_mb_ = 0;
  double all_mb_ = 0;
  std::thread thread_;
};

/// Everybody sends at once, and again under the same key until there is an answer.
struct Round {
  std::vector<std::string> ids;
  std::vector<double> ack_ms;  ///< from the first try to the acknowledgement
};

Round send_round(Instance& instance, const Scene& scene, unsigned number, unsigned uploads) {
  Round round{.ids = std::vector<std::string>(uploads), .ack_ms = std::vector<double>(uploads)};
  std::vector<std::jthread> senders;
  for (unsigned i = 0; i < uploads; ++i) {
    senders.emplace_back([&, i] {
      const Upload upload{.content = scene.recording().speech(kSpeechLength + milliseconds{i}),
                          .key = "round " + std::to_string(number) + " person " + std::to_string(i)};
      const milliseconds began = cli::steady_now();
      for (unsigned tries = 0; tries < kSendsMax && round.ids[i].empty(); ++tries) {
        const auto id = instance.send(upload);
        if (id) round.ids[i] = *id;
        if (!id) pause(kSendAgainMs);
      }
      round.ack_ms[i] = static_cast<double>((cli::steady_now() - began).count());
    });
  }
  senders.clear();  // joins: what they write into must not have moved yet
  return round;
}

/// Kills a speech worker that is at work: one item of the round needs a second attempt.
Result<void> kill_speech(const Instance& instance) {
  pid_t speech = 0;
  HF_TRY_VOID(Scene::until("a speech worker at work", [&]() -> Result<bool> {
    HF_TRY(const json::object status, instance.get("/api/v1/status"));
    for (const json::value& worker : cli::array_at(status, "workers")) {
      const json::object& one = worker.get_object();
      const bool busy = cli::text_at(one, "kind") == "speech" && cli::text_at(one, "state") == "busy";
      if (busy) speech = static_cast<pid_t>(cli::number_at(one, "pid", 0));
    }
    return speech != 0;
  }));
  ::kill(speech, SIGKILL);
  return {};
}

Result<void> kill_server(Instance& instance, Watch& watch) {
  const auto away = watch.look_away();
  instance.kill9();
  return instance.start();
}

/// How items ended.
struct Tally {
  unsigned first = 0;      ///< completed without a retry
  unsigned retried = 0;    ///< needed retries
  unsigned recovered = 0;  ///< of those, completed
  unsigned unsent = 0;     ///< never acknowledged
};

Result<void> count(const Instance& instance, const Round& round, Tally* tally) {
  for (const std::string& id : round.ids) {
    if (id.empty()) {
      tally->unsent += 1;
      continue;
    }
    HF_TRY(const json::object item, Scene::until_item(instance, id, "over", [](const json::object& now) {
             return status_of(now) == "completed" || status_of(now) == "failed";
           }));
    const bool completed = status_of(item) == "completed";
    const bool at_first = completed && cli::number_at(item, "retry_count", 0) == 0;
    tally->first += at_first ? 1 : 0;
    tally->retried += at_first ? 0 : 1;
    tally->recovered += completed && !at_first ? 1 : 0;
  }
  return {};
}

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::ranges::sort(values);
  return values[values.size() / 2];
}

double percent(unsigned part, unsigned whole) { return whole == 0 ? 0 : 100.0 * part / whole; }

std::vector<Figure> figures_of(const Tally& tally, const Watch& watch, std::vector<double> acks, unsigned lost,
                               unsigned sent) {
  const double first = percent(tally.first, tally.first + tally.retried);
  const double recovered = percent(tally.recovered, tally.retried);
  const double available = watch.available_percent();
  const double slowest = acks.empty() ? 0 : *std::ranges::max_element(acks);
  return {{"uploads acknowledged", static_cast<double>(sent), "", "", true},
          {"never acknowledged", static_cast<double>(tally.unsent), "", "0", tally.unsent == 0},
          {"files lost", static_cast<double>(lost), "", "0", lost == 0},
          {"completed at the first attempt", first, "%", "above 80 %", first > kFirstAttemptMin},
          // None means that no fault reached anybody: that would prove nothing.
          {"of the others, completed on retry", recovered, "%", "above 95 %", recovered > kRecoveredMin},
          {"ready when asked", available, "%", "above 90 %", available > kAvailableMin},
          {"time to acknowledge, median", median(acks), "ms", "", true},
          {"time to acknowledge, longest", slowest, "ms", "", true},
          {"memory of the server, highest", watch.server_mb(), "MB", "", true},
          {"memory of server and workers, highest", watch.all_mb(), "MB", "at most 2,000 MB",
           watch.all_mb() <= kMemoryMax}};
}

}  // namespace

bool Acceptance::ok() const {
  return failure.empty() && !figures.empty() && std::ranges::all_of(figures, &Figure::kept);
}

Result<std::vector<Figure>> play_acceptance(Scene& scene, const AcceptanceOrder& order) {
  HF_TRY(Instance* const instance, scene.start());
  Watch watch{*instance};
  Tally tally;
  std::vector<double> acks;
  const milliseconds end = cli::steady_now() + order.length;
  unsigned round_number = 0;
  do {
    const Round round = send_round(*instance, scene, round_number, order.uploads);
    acks.insert(acks.end(), round.ack_ms.begin(), round.ack_ms.end());
    if (round_number % kServerDiesEvery == 0) HF_TRY_VOID(kill_server(*instance, watch));
    HF_TRY_VOID(kill_speech(*instance));  // after it: the death of a worker whose server dies too is not charged
    HF_TRY_VOID(count(*instance, round, &tally));
    ++round_number;
  } while (cli::steady_now() < end);
  watch.stop();
  HF_TRY_VOID(scene.nothing_lost());
  return figures_of(tally, watch, acks, scene.findings().lost, scene.findings().sent);
}

}  // namespace holdfast::drill
