#include "app/drill/run.hpp"

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include "app/cli/interrupt.hpp"
#include "app/cli/json_read.hpp"
#include "app/cli/progress.hpp"
#include "app/drill/processes.hpp"
#include "worker/unique_fd.hpp"

namespace holdfast::drill {
namespace {

namespace json = boost::json;
namespace fs = std::filesystem;

constexpr milliseconds kDrillMax{900'000};
constexpr milliseconds kAcceptanceExtra{1'800'000};  ///< beyond its length: the last round and the looking-over

/// Removed at the end, unless it is to be kept.
class Scratch {
 public:
  static Result<Scratch> make(bool keep) {
    std::error_code problem;
    std::string name = (fs::temp_directory_path(problem) / "holdfast-drill-XXXXXX").string();
    if (problem || ::mkdtemp(name.data()) == nullptr)
      return fail(ErrorClass::not_found, "HF-CLI-03", "no scratch folder can be made: " + name);
    return Scratch{name, keep};
  }
  Scratch(Scratch&& other) noexcept : folder_{std::exchange(other.folder_, {})}, keep_{other.keep_} {}
  Scratch& operator=(Scratch&&) = delete;
  ~Scratch() {
    std::error_code ignored;
    if (!keep_ && !folder_.empty()) fs::remove_all(folder_, ignored);
  }
  [[nodiscard]] const fs::path& folder() const { return folder_; }

 private:
  Scratch(fs::path folder, bool keep) : folder_{std::move(folder)}, keep_{keep} {}
  fs::path folder_;
  bool keep_;
};

/// Runs `what` in a child process and gives the JSON that it returned; an empty object: it died or took too long.
Result<json::object> in_a_child(const std::function<json::object()>& what, milliseconds time) {
  std::array<int, 2> pipe{-1, -1};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0)
    return fail(ErrorClass::transient, "HF-CLI-03", std::string{"no pipe: "} + std::strerror(errno));
  const UniqueFd reading{pipe[0]};
  UniqueFd writing{pipe[1]};
  const pid_t child = ::fork();
  if (child == 0) {
    ::setpgid(0, 0);
    const std::string told = json::serialize(what());
    std::ignore = ::write(writing.get(), told.data(), told.size());
    ::_exit(0);
  }
  writing.reset();
  std::string told;
  const milliseconds deadline = cli::steady_now() + time;
  for (bool ended = child < 0; !ended && cli::steady_now() < deadline;) {
    pollfd entry{.fd = reading.get(), .events = POLLIN, .revents = 0};
    const auto ready = cli::interrupt::wait_for({&entry, 1}, deadline - cli::steady_now());
    std::array<char, 65536> piece{};
    const ssize_t count = ready && entry.revents != 0 ? ::read(reading.get(), piece.data(), piece.size()) : 0;
    told.append(piece.data(), static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    ended = !ready || (entry.revents != 0 && count <= 0);
  }
  end_descendants();
  if (cli::interrupt::caught() != 0) return fail(ErrorClass::canceled, "", "interrupted");
  return cli::parse_object(told);
}

json::object findings_object(const Findings& findings) {
  return {{"broken", findings.broken},
          {"seen", json::array(findings.seen.begin(), findings.seen.end())},
          {"recovery_ms", findings.recovery.count()},
          {"sent", findings.sent},
          {"lost", findings.lost},
          {"failure", findings.failure},
          {"skipped", findings.skipped}};
}

Findings read_findings(const json::object& told) {
  Findings findings{.broken = cli::text_at(told, "broken"),
                    .recovery = milliseconds{static_cast<std::int64_t>(cli::number_at(told, "recovery_ms", 0))},
                    .sent = static_cast<unsigned>(cli::number_at(told, "sent", 0)),
                    .lost = static_cast<unsigned>(cli::number_at(told, "lost", 0)),
                    .failure = cli::text_at(told, "failure"),
                    .skipped = cli::text_at(told, "skipped")};
  for (const json::value& seen : cli::array_at(told, "seen")) findings.seen.emplace_back(seen.get_string());
  if (told.empty()) findings.failure = "the drill itself ended or took too long";
  return findings;
}

json::object figure_json(const Figure& figure) {
  return {{"name", figure.name},
          {"value", figure.value},
          {"unit", figure.unit},
          {"limit", figure.limit},
          {"kept", figure.kept}};
}

Figure read_figure(const json::object& told) {
  return {.name = cli::text_at(told, "name"),
          .value = cli::number_at(told, "value", 0),
          .unit = cli::text_at(told, "unit"),
          .limit = cli::text_at(told, "limit"),
          .kept = told.contains("kept") && told.at("kept") == true};
}

Props props_of(const Company& company, const fs::path& folder, Recording recording) {
  return {.program = company.program,
          .folder = folder,
          .models = company.models,
          .environment = company.environment,
          .recording = std::move(recording)};
}

}  // namespace

Result<Findings> play(const Drill& drill, const Company& company) {
  HF_TRY(const Recording recording, Recording::read(company.sample));
  HF_TRY(const Scratch scratch, Scratch::make(company.keep));
  adopt_orphans();
  const milliseconds began = cli::steady_now();
  const auto act = [&] {
    Scene scene{props_of(company, scratch.folder(), recording)};
    const auto played = drill.play(scene);
    if (!played) {
      const bool skipped = played.error().code() == kNotHere;
      (skipped ? scene.findings().skipped : scene.findings().failure) = played.error().what();
    }
    return findings_object(scene.findings());
  };
  HF_TRY(const json::object told, in_a_child(act, kDrillMax));
  Findings findings = read_findings(told);
  findings.took = cli::steady_now() - began;
  return findings;
}

Result<Acceptance> accept(const AcceptanceOrder& order, const Company& company) {
  HF_TRY(const Recording recording, Recording::read(company.sample));
  HF_TRY(const Scratch scratch, Scratch::make(company.keep));
  adopt_orphans();
  const auto act = [&] {
    Scene scene{props_of(company, scratch.folder(), recording)};
    const auto played = play_acceptance(scene, order);
    json::array figures;
    if (played) {
      for (const Figure& figure : *played) figures.push_back(figure_json(figure));
    }
    return json::object{{"figures", std::move(figures)}, {"failure", played ? "" : played.error().what()}};
  };
  HF_TRY(const json::object told, in_a_child(act, order.length + kAcceptanceExtra));
  Acceptance acceptance{.failure = told.empty() ? "it ended or took too long" : cli::text_at(told, "failure")};
  for (const json::value& figure : cli::array_at(told, "figures"))
    acceptance.figures.push_back(read_figure(figure.get_object()));
  return acceptance;
}

}  // namespace holdfast::drill
