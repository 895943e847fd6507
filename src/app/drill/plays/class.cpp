#include <csignal>
#include <fstream>

#include "app/drill/people.hpp"
#include "app/drill/plays/plays.hpp"
#include "app/drill/processes.hpp"
#include "app/drill/scene.hpp"
#include "app/drill/unshared.hpp"

/// LAB: the video introductions of a class.
namespace holdfast::drill {
namespace {

namespace json = boost::json;
namespace fs = std::filesystem;

constexpr std::string_view kMaintenance = "System maintenance complete, processing your videos now";
constexpr std::string_view kTechnical = "Technical issue detected, your video will be processed shortly";
constexpr std::string_view kAtCapacity = "System at capacity, please wait 2 minutes";
constexpr milliseconds kMinute{60'000};
constexpr unsigned kClass = 10;  ///< people who send at once

/// A file that stands for /proc/meminfo, so that memory can be short without harm to the machine.
class Meminfo {
 public:
  explicit Meminfo(fs::path file) : file_{std::move(file)} { set(80); }
  void set(unsigned percent_available) const {
    fs::path fresh = file_;
    fresh += ".new";
    std::ofstream{fresh} << "MemTotal: 1000000 kB\nMemAvailable: " << percent_available * 10'000 << " kB\n";
    fs::rename(fresh, file_);
  }
  [[nodiscard]] std::map<std::string, std::string> settings() const {
    return {{"HOLDFAST_ADMISSION_MEMORY", "system"}, {"HOLDFAST_ADMISSION_MEMINFO", file_.string()}};
  }

 private:
  fs::path file_;
};

Result<void> until_memory(const Instance& instance, std::string_view name, std::string_view value) {
  return Scene::until("status says " + std::string{name} + " " + std::string{value}, [&]() -> Result<bool> {
    HF_TRY(const json::object status, instance.get("/api/v1/status"));
    return cli::text_at(cli::object_at(status, "memory"), name) == value;
  });
}

/// The item says so, then goes on and is completed, and then says it no more.
Result<json::object> until_told_and_done(Scene& scene, const Instance& instance, const std::string& id,
                                         std::string_view message) {
  HF_TRY(const json::object told, Scene::until_item(instance, id, "the owner is told", [&](const json::object& now) {
           return says(now, message) || status_of(now) == "completed";
         }));
  if (!says(told, message)) return unkept("the owner was not told: " + std::string{message});
  scene.saw("user: \"" + std::string{message} + "\"");
  HF_TRY(json::object item, Scene::until_completed(instance, id));
  if (says(item, message)) return unkept("the message is not taken back");
  return item;
}

/// Writes until nothing more fits.
void fill(const fs::path& file) {
  std::ofstream stream{file, std::ios::binary};
  const std::string block(64U << 10U, 'x');
  while (stream.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {
  }
  stream.clear();
  const std::string byte(512, 'x');
  while (stream.write(byte.data(), static_cast<std::streamsize>(byte.size())).flush()) {
  }
}

Result<void> expect(const Result<cli::Response>& answer, unsigned status, std::string_view code) {
  if (!answer) return std::unexpected{answer.error()};
  const std::string told = cli::text_at(cli::parse_object(answer->body), "code");
  if (answer->status == status && told == code) return {};
  return unkept("answered " + std::to_string(answer->status) + " " + told + " instead of " + std::to_string(status) +
                " " + std::string{code});
}

}  // namespace

Result<void> play_killed_after_answers(Scene& scene) {
  HF_TRY(Instance* const instance, scene.start());
  std::vector<std::string> ids;
  for (unsigned i = 0; i < kClass; ++i) {
    const Upload upload{.content = Recording::silence(milliseconds{300 + 10 * i}),
                        .key = "student " + std::to_string(i)};
    HF_TRY(ids.emplace_back(), instance->send(upload));
  }
  instance->kill9();
  scene.broke("kill -9 of the server the moment the last of ten uploads is acknowledged");
  HF_TRY_VOID(instance->start());
  HF_TRY(const unsigned lost, instance->lost());
  if (lost > 0) return unkept(std::to_string(lost) + " acknowledged files are gone");
  scene.saw("user: all ten are listed, and the files are those that were sent");
  for (const std::string& id : ids) HF_TRY_VOID(Scene::until_completed(*instance, id));
  scene.recovered();
  HF_TRY(const std::string again,
         instance->send({.content = Recording::silence(milliseconds{300}), .key = "student 0"}));
  if (again != ids[0]) return unkept("the same key gave another item");
  scene.saw("user: all are completed; sending one again under its key gives the same item");
  return scene.nothing_lost();
}

Result<void> play_disk_full(Scene& scene) {
  const fs::path disk = scene.props().folder / "data";
  HF_TRY_VOID(mount_small(disk, 48U << 20U));
  HF_TRY(Instance* const instance, scene.start({.settings = {{"HOLDFAST_STORAGE_RESERVE", "1 MB"}}}));
  HF_TRY(const std::string id, instance->send({.content = scene.recording().speech(kMinute)}));
  HF_TRY_VOID(Scene::until_half_heard(*instance, id));
  fill(disk / "ballast");
  scene.broke("the data folder's file system (48 MiB, its own) is filled to the last byte during a transcription");
  HF_TRY_VOID(expect(instance->offer({.content = scene.recording().sentence()}), 507, "HF-STO-02"));
  scene.saw("user: 507 HF-STO-02, no room left; everything already saved is safe");
  HF_TRY(const json::object item, instance->item(id));
  if (status_of(item) == "failed") return unkept("the item failed for want of room: " + error_of(item));
  scene.saw("user: the item under way has not failed");
  fs::remove(disk / "ballast");
  scene.mended("operator: makes room");
  HF_TRY_VOID(Scene::until("uploads are taken again", [&]() -> Result<bool> {
    HF_TRY(const cli::Response answer, instance->offer({.content = scene.recording().sentence(), .key = "again"}));
    return answer.status < 300;
  }));
  HF_TRY_VOID(Scene::until_completed(*instance, id));
  scene.recovered();
  scene.saw("user: uploads are taken again, and the item under way is completed");
  return scene.nothing_lost();
}

Result<void> play_resumed_at_log_in(Scene& scene) {
  HF_TRY(Instance* const instance,
         scene.start({.settings = {{"HOLDFAST_RECOVERY_TRANSCRIBE_ATTEMPTS_MAX", "1"}}, .single_user = false}));
  HF_TRY_VOID(make_first_superuser(*instance));
  HF_TRY(const std::string ana, make_user(*instance, "ana"));
  HF_TRY_VOID(make_user(*instance, "bo"));
  HF_TRY(const std::string id, instance->send({.content = scene.recording().speech(kMinute), .token = ana}));
  HF_TRY(const double heard, Scene::until_half_heard(*instance, id));
  HF_TRY(const pid_t speech, Scene::worker(*instance, "holdfast-stt"));
  ::kill(speech, SIGKILL);
  scene.broke("kill -9 of the speech worker during an item's only attempt");
  HF_TRY(const json::object failed, Scene::until_failed(*instance, id));
  scene.saw("user: failed with " + error_of(failed) + ", the file is kept");
  HF_TRY_VOID(log_in(*instance, "bo"));
  HF_TRY(const json::object still, instance->item(id));
  if (status_of(still) != "failed") return unkept("somebody else's log-in began the work anew");
  HF_TRY_VOID(log_in(*instance, "ana"));
  scene.mended("user: logs in again");
  HF_TRY(const double kept, Scene::checkpoint(*instance, id, "stt"));
  if (kept < heard) return unkept("what was transcribed before is not there any more");
  HF_TRY(const json::object item, Scene::until_completed(*instance, id));
  scene.recovered();
  if (attempts_of(item, "convert") != 1) return unkept("a finished stage was done again");
  scene.saw("user: transcribed; the " + std::to_string(static_cast<int>(kept)) + " s that were stored were kept");
  return scene.nothing_lost();
}

Result<void> play_one_at_a_time(Scene& scene) {
  HF_TRY(Instance* const instance, scene.start({.settings = {{"HOLDFAST_CAPACITY_MEDIA", "3"}}}));
  std::vector<std::string> ids;
  for (const char* key : {"one", "two", "three"}) {
    HF_TRY(ids.emplace_back(), instance->send({.content = scene.recording().speech(milliseconds{20'000}), .key = key}));
  }
  scene.broke("three recordings are sent at once, and three conversions may run at once");
  double most = 0;
  HF_TRY_VOID(Scene::until("all three are completed", [&]() -> Result<bool> {
    HF_TRY(const json::object status, instance->get("/api/v1/status"));
    double busy = 0;
    for (const json::value& worker : cli::array_at(status, "workers")) {
      const json::object& one = worker.get_object();
      busy += cli::text_at(one, "kind") == "speech" && cli::text_at(one, "state") == "busy" ? 1 : 0;
    }
    most = std::max(most, busy);
    for (const std::string& id : ids) {
      HF_TRY(const json::object item, instance->item(id));
      if (status_of(item) != "completed") return false;
    }
    return true;
  }));
  scene.recovered();
  if (most != 1) return unkept(std::to_string(static_cast<int>(most)) + " transcriptions were seen at once");
  scene.saw("operator: never more than one transcription at a time");
  scene.saw("user: all three are transcribed");
  return scene.nothing_lost();
}

Result<void> play_memory_short(Scene& scene) {
  const Meminfo memory{scene.props().folder / "meminfo"};
  HF_TRY(Instance* const instance, scene.start({.settings = memory.settings()}));
  memory.set(19);
  scene.broke("19 % of the memory is available (a stand-in for /proc/meminfo)");
  HF_TRY_VOID(until_memory(*instance, "work", "paused"));
  scene.saw("operator: new work is paused");
  HF_TRY(const std::string id, instance->send({.content = scene.recording().sentence()}));
  HF_TRY(const json::object waiting, instance->item(id));
  if (status_of(waiting) != "pending") return unkept("work was begun though memory is short");
  scene.saw("user: the upload is taken and waits");
  memory.set(51);
  scene.mended("51 % is available again");
  HF_TRY_VOID(Scene::until_completed(*instance, id));
  scene.recovered();
  scene.saw("user: transcribed without anybody asking for it");
  return scene.nothing_lost();
}

Result<void> play_at_capacity(Scene& scene) {
  const Meminfo memory{scene.props().folder / "meminfo"};
  HF_TRY(Instance* const instance, scene.start({.settings = memory.settings()}));
  HF_TRY(const std::string before, instance->send({.content = scene.recording().speech(kMinute)}));
  HF_TRY_VOID(Scene::until_half_heard(*instance, before));
  memory.set(9);
  scene.broke("91 % of the memory is used (a stand-in for /proc/meminfo)");
  HF_TRY_VOID(until_memory(*instance, "uploads", "refused"));
  HF_TRY(const cli::Response refused, instance->offer({.content = scene.recording().sentence()}));
  HF_TRY_VOID(expect(refused, 503, "HF-ADM-01"));
  if (refused.header("retry-after") != "120" || cli::text_at(cli::parse_object(refused.body), "detail") != kAtCapacity)
    return unkept("the refusal does not say what it should: " + refused.body);
  scene.saw("user: 503, \"" + std::string{kAtCapacity} + "\", Retry-After 120");
  HF_TRY_VOID(Scene::until_completed(*instance, before));
  scene.saw("user: what was under way is completed meanwhile");
  memory.set(60);
  scene.mended("60 % is available again");
  HF_TRY_VOID(until_memory(*instance, "uploads", "accepted"));
  HF_TRY(const std::string after, instance->send({.content = scene.recording().sentence()}));
  HF_TRY_VOID(Scene::until_completed(*instance, after));
  scene.recovered();
  scene.saw("user: uploads are taken and worked on again");
  return scene.nothing_lost();
}

Result<void> play_worker_hangs(Scene& scene) {
  HF_TRY(Instance* const instance, scene.start({.settings = {{"HOLDFAST_RECOVERY_TRANSCRIBE_NO_PROGRESS", "15 s"}}}));
  HF_TRY(const std::string id, instance->send({.content = scene.recording().speech(kMinute)}));
  HF_TRY_VOID(Scene::until_half_heard(*instance, id));
  HF_TRY(const pid_t hung, Scene::worker(*instance, "holdfast-stt"));
  ::kill(hung, SIGSTOP);
  scene.broke("the speech worker is stopped (SIGSTOP) in the middle of a transcription");
  HF_TRY(const json::object item, until_told_and_done(scene, *instance, id, kTechnical));
  scene.recovered();
  if (attempts_of(item, "stt") != 2) return unkept("the hung attempt was not counted as one");
  HF_TRY(const pid_t fresh, Scene::worker(*instance, "holdfast-stt"));
  if (fresh == hung) return unkept("the hung worker was not replaced");
  scene.saw("operator: another worker has taken its place");
  scene.saw("user: transcribed; the message is gone");
  return scene.nothing_lost();
}

Result<void> play_restarted(Scene& scene) {
  HF_TRY(Instance* const instance, scene.start());
  HF_TRY(const std::string id, instance->send({.content = scene.recording().speech(kMinute)}));
  HF_TRY(const std::string waiting, instance->send({.content = scene.recording().sentence()}));
  HF_TRY_VOID(Scene::until_half_heard(*instance, id));
  HF_TRY_VOID(instance->drain());
  scene.broke("the whole server is restarted (SIGTERM) with one item under way and one waiting");
  HF_TRY_VOID(instance->start());
  HF_TRY_VOID(until_told_and_done(scene, *instance, id, kMaintenance));
  HF_TRY_VOID(Scene::until_completed(*instance, waiting));
  scene.recovered();
  scene.saw("user: both are transcribed; the message is gone");
  return scene.nothing_lost();
}

Result<void> play_more_users_let_in(Scene& scene) {
  HF_TRY(Instance* const instance,
         scene.start({.settings = {{"HOLDFAST_ADMISSION_ACTIVE_USERS_MAX", "1"}}, .single_user = false}));
  HF_TRY_VOID(make_first_superuser(*instance));
  HF_TRY(const std::string ana, make_user(*instance, "ana"));
  HF_TRY(const std::string bo, make_user(*instance, "bo"));
  HF_TRY(const std::string first, instance->send({.content = scene.recording().speech(kMinute), .token = ana}));
  const Upload second{.content = scene.recording().sentence(), .token = bo};
  scene.broke("one user may have unfinished work, and a second one sends");
  HF_TRY_VOID(expect(instance->offer(second), 503, "HF-ADM-03"));
  scene.saw("user: 503 HF-ADM-03, too many people at once; nothing was saved");
  HF_TRY(const cli::Response changed,
         instance->ask("PATCH", "/api/failure-recovery/limits", R"({"active_users_max":15})"));
  if (changed.status != 200) return unkept("the limit could not be changed: " + changed.body);
  scene.mended("operator: lets 15 users in while the server runs");
  HF_TRY(const std::string taken, instance->send(second));
  scene.recovered();
  scene.saw("user: the same upload is taken");
  HF_TRY_VOID(Scene::until_completed(*instance, first));
  HF_TRY_VOID(Scene::until_completed(*instance, taken));
  return scene.nothing_lost();
}

Result<void> play_result_by_hand(Scene& scene) {
  HF_TRY(Instance* const instance, scene.start());
  const std::string content = Recording::broken();
  HF_TRY(const std::string id, instance->send({.content = content}));
  scene.broke("a recording whose content nobody can decode");
  HF_TRY(const json::object failed, Scene::until_failed(*instance, id));
  scene.saw("user: failed with " + error_of(failed) + ", the file is saved unchanged");
  const std::string letter = "/api/failure-recovery/dead-letters/" + id;
  HF_TRY(const cli::Response file, instance->ask("GET", letter + "/file"));
  if (file.body != content) return unkept("the exported file is not the one that was sent");
  scene.saw("operator: exports the file, byte for byte as it was sent");
  scene.mended("operator: types the transcript in");
  HF_TRY_VOID(instance->post(letter + "/result", R"({"results":{"transcript":{"text":"Heard by a person."}}})"));
  HF_TRY(const json::object item, Scene::until_completed(*instance, id));
  scene.recovered();
  const bool marked = json::serialize(cli::array_at(item, "stages")).find("entered by hand") != std::string::npos;
  if (!marked || transcript_of(item).find("Heard by a person") == std::string::npos)
    return unkept("the result is not there, or not marked as a person's");
  scene.saw("user: completed, with the transcript that a person made, marked as such");
  return scene.nothing_lost();
}

}  // namespace holdfast::drill
