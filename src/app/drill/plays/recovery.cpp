#include <poll.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <set>

#include "app/drill/people.hpp"
#include "app/drill/plays/plays.hpp"
#include "app/drill/processes.hpp"
#include "app/drill/scene.hpp"
#include "app/drill/stand_in.hpp"
#include "app/drill/unshared.hpp"

/// FR: failure recovery, and the refusals of FG that exist without a language model.
namespace holdfast::drill {
namespace {

namespace json = boost::json;
namespace fs = std::filesystem;

constexpr unsigned kGoodOnes = 3;
constexpr unsigned kBrokenOnes = 3;

Result<std::vector<std::string>> send_all(Instance& instance, const std::vector<std::string>& contents) {
  std::vector<std::string> ids;
  for (const std::string& content : contents) {
    HF_TRY(ids.emplace_back(), instance.send({.content = content, .key = "number " + std::to_string(ids.size())}));
  }
  return ids;
}

Result<json::object> service(const Instance& instance, const std::string& name) {
  return instance.get(std::string{kRecoveryRoutes} + "/services/" + name);
}

Result<void> until_service(const Instance& instance, const std::string& name, std::string_view state) {
  return Scene::until(name + " is " + std::string{state}, [&]() -> Result<bool> {
    HF_TRY(const json::object now, service(instance, name));
    return cli::text_at(now, "state") == state;
  });
}

Result<std::string> breaker_state(const Instance& instance, const std::string& name) {
  HF_TRY(const json::object now, instance.get(std::string{kRecoveryRoutes} + "/circuit-breakers/" + name));
  return cli::text_at(now, "state");
}

/// Kills every speech worker that is at work on this item as soon as it is seen, until the item waits or is over.
Result<json::object> kill_while_at_work(const Instance& instance, const std::string& id) {
  return Scene::until_item(instance, id, "its worker was killed often enough", [&](const json::object& item) {
    const bool waits = !cli::text_at(item, "held_for").empty();
    if (waits || status_of(item) == "failed") return true;
    const auto status = instance.get("/api/v1/status");
    if (!status) return false;
    for (const json::value& worker : cli::array_at(*status, "workers")) {
      const json::object& one = worker.get_object();
      const bool ours = cli::text_at(one, "kind") == "speech" && cli::text_at(one, "state") == "busy" &&
                        cli::text_at(one, "item") == id;
      const auto pid = static_cast<pid_t>(cli::number_at(one, "pid", 0));
      if (ours && pid > 0) ::kill(pid, SIGKILL);
    }
    return false;
  });
}

/// Kills the server once the item is at work in that stage, and starts it again.
Result<void> kill_in_stage(Scene& scene, Instance& instance, const std::string& id, std::string_view stage) {
  HF_TRY(const json::object item,
         Scene::until_item(instance, id, "at work in " + std::string{stage}, [&](const json::object& now) {
           return (cli::text_at(now, "stage") == stage && status_of(now) == "processing") ||
                  status_of(now) == "completed" || status_of(now) == "failed";
         }));
  if (cli::text_at(item, "stage") != stage) return unkept("the stage " + std::string{stage} + " was not seen at work");
  instance.kill9();
  scene.broke("kill -9 of the server in " + std::string{stage});
  return instance.start();
}

Result<std::set<std::string>> audit_types(const Instance& instance, const std::string& id) {
  HF_TRY(const json::object audit, instance.get("/api/v1/items/" + id + "/audit"));
  std::set<std::string> types;
  for (const json::value& event : cli::array_at(audit, "data")) types.insert(cli::text_at(event.get_object(), "type"));
  return types;
}

}  // namespace

Result<void> play_killed_in_every_stage(Scene& scene) {
  HF_TRY(Instance* const instance, scene.start());
  const Upload upload{.content = scene.recording().sentence(), .recipe = "introductions", .key = "audio-uuid-1"};
  HF_TRY(const std::string id, instance->send(upload));
  for (const std::string_view stage : {"stt", "mistral", "llama"})
    HF_TRY_VOID(kill_in_stage(scene, *instance, id, stage));
  HF_TRY(const json::object item, Scene::until_completed(*instance, id));
  scene.recovered();
  for (const char* stage : {"convert", "stt", "mistral", "llama"}) {
    if (attempts_of(item, stage) != 1) return unkept(std::string{"the stage "} + stage + " was charged for our deaths");
  }
  scene.saw("user: completed with transcript, form and rating, each made once");
  HF_TRY(const auto types, audit_types(*instance, id));
  for (const char* type : {"job.created", "stage.started", "stage.interrupted", "stage.completed", "job.completed"}) {
    if (!types.contains(type)) return unkept(std::string{"the audit has no "} + type);
  }
  HF_TRY(const json::object pipeline, instance->get(std::string{kRecoveryRoutes} + "/pipeline-status/audio-uuid-1"));
  if (cli::text_at(pipeline, "item") != id) return unkept("pipeline-status finds something else by its key");
  scene.saw("operator: the audit tells of every attempt and interruption; pipeline-status finds it by its key");
  return scene.nothing_lost();
}

Result<void> play_dead_letters(Scene& scene) {
  HF_TRY(Instance* const instance, scene.start());
  std::vector<std::string> contents(kBrokenOnes, Recording::broken());
  for (unsigned i = 0; i < kBrokenOnes; ++i) contents[i] += std::to_string(i);
  for (unsigned i = 0; i < kGoodOnes; ++i) contents.push_back(Recording::silence(milliseconds{400 + 10 * i}));
  HF_TRY(const auto ids, send_all(*instance, contents));
  scene.broke("three recordings that cannot be decoded are sent ahead of three good ones");
  for (unsigned i = kBrokenOnes; i < ids.size(); ++i) HF_TRY_VOID(Scene::until_completed(*instance, ids[i]));
  for (unsigned i = 0; i < kBrokenOnes; ++i) HF_TRY_VOID(Scene::until_failed(*instance, ids[i]));
  scene.recovered();
  scene.saw("user: the good ones are completed, the bad ones failed with what to do about it");
  const std::string letters = std::string{kRecoveryRoutes} + "/dead-letters";
  HF_TRY(const json::object groups, instance->get(letters + "/groups"));
  if (cli::array_at(groups, "data").size() != 1) return unkept("three alike are not one group");
  scene.saw("operator: one group of three, by cause");
  HF_TRY(const json::object dry, instance->post(letters + "/retry", R"({"filter":{},"dry_run":true})"));
  if (cli::number_at(dry, "matched", 0) != kBrokenOnes)
    return unkept("the dry run does not count three: " + json::serialize(dry));
  scene.saw("operator: a dry run says that a retry would be about three");
  HF_TRY_VOID(instance->post(letters + "/" + ids[0] + "/discard", R"({"reason":"no sound in it"})"));
  HF_TRY(const json::object given_up, instance->item(ids[0]));
  if (cli::text_at(given_up, "discarded") != "no sound in it") return unkept("the reason is not kept");
  scene.saw("operator: discards one with a reason");
  HF_TRY_VOID(instance->post(letters + "/" + ids[1] + "/retry", "{}"));
  HF_TRY_VOID(Scene::until_failed(*instance, ids[1]));
  scene.saw("operator: retries one; it fails again and is a dead letter again");
  return scene.nothing_lost();
}

Result<void> play_poison(Scene& scene) {
  HF_TRY(Instance* const instance, scene.start());
  HF_TRY(const std::string poison, instance->send({.content = scene.recording().speech(milliseconds{20'000})}));
  HF_TRY(const std::string good, instance->send({.content = scene.recording().sentence()}));
  scene.broke("one item's speech worker is killed each time it works on it");
  HF_TRY(const json::object set_aside, kill_while_at_work(*instance, poison));
  if (status_of(set_aside) != "failed" || error_of(set_aside) != "HF-ENG-05")
    return unkept("it was not set aside: " + status_of(set_aside) + " " + error_of(set_aside));
  scene.saw("user: set aside with HF-ENG-05 after its worker died twice at the same place, not tried for ever");
  HF_TRY_VOID(Scene::until_completed(*instance, good));
  scene.saw("user: the item behind it is transcribed");
  scene.mended("operator: retries it, now that nothing kills the worker");
  HF_TRY_VOID(instance->post(std::string{kRecoveryRoutes} + "/dead-letters/" + poison + "/retry", "{}"));
  HF_TRY_VOID(Scene::until_completed(*instance, poison));
  scene.recovered();
  scene.saw("user: transcribed");
  return scene.nothing_lost();
}

Result<void> play_clock_jumps(Scene& scene) {
  HF_TRY(const fs::path faketime, find_faketime());
  const fs::path calendar = scene.props().folder / "calendar";
  const auto turn = [&](const char* offset) { std::ofstream{calendar} << offset << '\n'; };
  turn("+0d");
  // Only the calendar: what measures time goes on as it does.
  HF_TRY(Instance* const instance, scene.start({.settings = {{"LD_PRELOAD", faketime.string()},
                                                             {"FAKETIME_TIMESTAMP_FILE", calendar.string()},
                                                             {"FAKETIME_NO_CACHE", "1"},
                                                             {"FAKETIME_DONT_FAKE_MONOTONIC", "1"}}}));
  HF_TRY(const auto ids, send_all(*instance, {scene.recording().speech(milliseconds{60'000})}));
  HF_TRY_VOID(Scene::until_half_heard(*instance, ids[0]));
  scene.broke("the calendar jumps two days ahead during a transcription, and then four days back");
  turn("+2d");
  HF_TRY(const std::string ahead, instance->send({.content = scene.recording().sentence(), .key = "ahead"}));
  HF_TRY(const json::object told, instance->item(ahead));
  const std::string sent_at = cli::text_at(told, "created_at");
  turn("-2d");
  HF_TRY(const std::string back, instance->send({.content = scene.recording().sentence(), .key = "back"}));
  HF_TRY(const json::object earlier, instance->item(back));
  if (cli::text_at(earlier, "created_at") >= sent_at) return unkept("the calendar did not jump: the drill is no drill");
  for (const std::string& id : {ids[0], ahead, back}) HF_TRY_VOID(Scene::until_completed(*instance, id));
  scene.recovered();
  scene.saw("user: what was under way and what was sent on either day is completed");
  return scene.nothing_lost();
}

Result<void> play_service_away(Scene& scene) {
  StandIn stand_in;
  const std::string address = "127.0.0.1:" + std::to_string(stand_in.port());
  const std::string looks = "every = \"200 ms\"\ntimeout = \"500 ms\"\n";
  HF_TRY(Instance* const instance,
         scene.start({.config = "[services.qdrant]\nkind = \"http\"\nurl = \"http://" + address + "/\"\n" + looks +
                                "[services.store2]\nkind = \"tcp\"\naddress = \"" + address + "\"\n" + looks}));
  HF_TRY_VOID(until_service(*instance, "qdrant", "up"));
  HF_TRY_VOID(until_service(*instance, "store2", "up"));
  stand_in.close_port();
  scene.broke("a service's port is closed; later it takes connections and says nothing");
  HF_TRY_VOID(until_service(*instance, "qdrant", "down"));
  HF_TRY_VOID(until_service(*instance, "store2", "down"));
  scene.saw("operator: both are down, over HTTP and over TCP");
  HF_TRY(const std::string id, instance->send({.content = Recording::silence(milliseconds{500})}));
  HF_TRY_VOID(Scene::until_completed(*instance, id));
  scene.saw("user: work that does not need it goes on");
  stand_in.be(StandIn::Mood::silent);
  stand_in.open_port();
  HF_TRY_VOID(until_service(*instance, "store2", "up"));
  HF_TRY(const json::object hanging, service(*instance, "qdrant"));
  if (cli::text_at(hanging, "state") != "down") return unkept("a service that says nothing counts as up");
  scene.saw("operator: a service that hangs is down over HTTP though its port is open");
  stand_in.be(StandIn::Mood::well);
  scene.mended("operator: the service answers again");
  HF_TRY_VOID(until_service(*instance, "qdrant", "up"));
  scene.recovered();
  HF_TRY(const json::object told, service(*instance, "qdrant"));
  if (cli::array_at(told, "history").size() < 3 || cli::object_at(told, "probe_ms").empty())
    return unkept("history or response times are missing");
  scene.saw("operator: up again; history and response times are kept");
  return scene.nothing_lost();
}

Result<void> play_breaker_opens(Scene& scene) {
  HF_TRY(Instance* const instance,
         scene.start({.settings = {{"HOLDFAST_RECOVERY_TRANSCRIBE_CRASHES_MAX", "10"},
                                   {"HOLDFAST_RECOVERY_TRANSCRIBE_ATTEMPTS_MAX", "10"}},
                      .config = "[services.speech]\nopen_for = \"2 s\"\nopen_max = \"2 s\"\n"}));
  std::vector<std::string> contents;
  for (unsigned i = 0; i < 4; ++i) contents.push_back(scene.recording().speech(milliseconds{12'000 + i}));
  HF_TRY(const auto ids, send_all(*instance, contents));
  scene.broke("the speech worker is killed each time it begins, for one item after the other");
  HF_TRY_VOID(Scene::until("the breaker of speech is open", [&]() -> Result<bool> {
    if (const pid_t speech = find_descendant(instance->pid(), "holdfast-stt"); speech != 0) ::kill(speech, SIGKILL);
    HF_TRY(const std::string state, breaker_state(*instance, "speech"));
    return state == "open";
  }));
  scene.saw("operator: the circuit breaker of speech is open");
  HF_TRY_VOID(Scene::until("work waits for it", [&]() -> Result<bool> {
    HF_TRY(const json::object stats, instance->get("/api/v1/items?status=pending"));
    for (const json::value& item : cli::array_at(stats, "data")) {
      if (cli::text_at(item.get_object(), "held_for") == "HF-SVC-01") return true;
    }
    return false;
  }));
  scene.mended("user: the items wait, and are not failed; nothing kills the worker any more");
  for (const std::string& id : ids) HF_TRY_VOID(Scene::until_completed(*instance, id));
  scene.recovered();
  HF_TRY_VOID(Scene::until("the breaker is closed", [&]() -> Result<bool> {
    HF_TRY(const std::string state, breaker_state(*instance, "speech"));
    return state == "closed";
  }));
  scene.saw("operator: it tried a few calls, and closed by itself; user: all are transcribed");
  return scene.nothing_lost();
}

Result<void> play_strangers(Scene& scene) {
  HF_TRY(Instance* const instance, scene.start({.single_user = false}));
  HF_TRY(const std::string boss, make_first_superuser(*instance));
  HF_TRY(const std::string ana, make_user(*instance, "ana"));
  HF_TRY(const std::string bo, make_user(*instance, "bo"));
  HF_TRY(const std::string id,
         instance->send({.content = Recording::silence(milliseconds{500}), .name = "diary.wav", .token = ana}));
  HF_TRY_VOID(Scene::until_completed(*instance, id));
  scene.broke("another user, and forged tokens, reach for an item and for management");
  std::string forged = ana;
  forged[forged.size() / 2] = forged[forged.size() / 2] == 'A' ? 'B' : 'A';
  const std::string item = "/api/v1/items/" + id;
  const std::string none = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJvcGVyYXRvciJ9.";
  struct Try {
    const std::string& token;
    std::string target;
    unsigned status = 0;
  };
  const std::vector<Try> tries{{bo, item, 404},
                               {bo, item + "/media", 404},
                               {forged, item, 401},
                               {none, item, 401},
                               {ana, std::string{kRecoveryRoutes} + "/items", 403},
                               {none, std::string{kRecoveryRoutes} + "/items", 401}};
  for (const Try& one : tries) {
    HF_TRY(const cli::Response answer, instance->ask("GET", one.target, "", one.token));
    if (answer.status != one.status)
      return unkept(one.target + " answered " + std::to_string(answer.status) + " instead of " +
                    std::to_string(one.status));
    if (answer.body.find("diary") != std::string::npos) return unkept("the refusal tells of the content");
  }
  scene.saw("stranger: 404 for what is another's, as for what is not there; 401 for forged tokens; 403 for management");
  HF_TRY_VOID(instance->item(id, ana));
  scene.recovered();
  scene.saw("owner: reaches it as before");
  return scene.nothing_lost();
}

Result<void> play_queue_full(Scene& scene) {
  HF_TRY(const fs::path ffmpeg, find_program(scene.props().environment, "ffmpeg"));
  HF_TRY(const fs::path ffprobe, find_program(scene.props().environment, "ffprobe"));
  const fs::path folder = scene.props().folder / "programs";
  fs::create_directories(folder);
  HF_TRY(Instance* const instance, scene.start({.settings = {{"HOLDFAST_MEDIA_FFMPEG", (folder / "ffmpeg").string()},
                                                             {"HOLDFAST_MEDIA_FFPROBE", (folder / "ffprobe").string()},
                                                             {"HOLDFAST_ADMISSION_WAITING_MAX", "3"}}}));
  std::vector<std::string> contents;
  for (const int length : {300, 310, 320}) contents.push_back(Recording::silence(milliseconds{length}));
  HF_TRY(const auto ids, send_all(*instance, contents));
  for (const std::string& id : ids) {
    HF_TRY_VOID(Scene::until_item(*instance, id, "it waits",
                                  [](const json::object& item) { return !cli::text_at(item, "held_for").empty(); }));
  }
  scene.broke("three items wait where three may wait (FFmpeg is away), and a fourth is sent");
  const Upload fourth{.content = Recording::silence(milliseconds{330})};
  HF_TRY(const cli::Response refused, instance->offer(fourth));
  const json::object told = cli::parse_object(refused.body);
  const bool right = refused.status == 503 && cli::text_at(told, "code") == "HF-ADM-02" &&
                     refused.header("retry-after") == "30" && cli::number_at(told, "queue_size", 0) == 3;
  if (!right) return unkept("the refusal does not say what it should: " + refused.body);
  scene.saw("user: 503 HF-ADM-02, Retry-After 30, queue_size 3, and the suggestion to use fast mode");
  fs::create_symlink(ffmpeg, folder / "ffmpeg");
  fs::create_symlink(ffprobe, folder / "ffprobe");
  scene.mended("operator: installs FFmpeg");
  for (const std::string& id : ids) HF_TRY_VOID(Scene::until_completed(*instance, id));
  HF_TRY(const std::string taken, instance->send(fourth));
  HF_TRY_VOID(Scene::until_completed(*instance, taken));
  scene.recovered();
  scene.saw("user: what waited is completed, and the fourth is taken");
  return scene.nothing_lost();
}

}  // namespace holdfast::drill
