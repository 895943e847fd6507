#include "app/drill/scene.hpp"

#include <poll.h>

#include "app/cli/progress.hpp"
#include "app/drill/processes.hpp"

namespace holdfast::drill {
namespace {

namespace json = boost::json;

constexpr int kLookEveryMs = 20;

bool is_over(const std::string& status) { return status == "completed" || status == "failed" || status == "cancelled"; }

}  // namespace

std::unexpected<Error> unkept(const std::string& what) { return fail(ErrorClass::permanent, kBroken, what); }
std::unexpected<Error> not_here(const std::string& why) { return fail(ErrorClass::not_found, kNotHere, why); }

Instance* Scene::make(Setup setup) {
  Instance::Place place{
      .program = props_.program, .folder = props_.folder, .environment = props_.environment};
  place.environment["HOLDFAST_MODELS_DIR"] = props_.models.string();
  instance_ = std::make_unique<Instance>(std::move(place), std::move(setup));
  return instance_.get();
}

Result<Instance*> Scene::start(Setup setup) {
  Instance* const instance = make(std::move(setup));
  HF_TRY_VOID(instance->start());
  return instance;
}

void Scene::broke(const std::string& what) {
  findings_.broken += (findings_.broken.empty() ? "" : "; ") + what;
  clock_ = cli::steady_now();
}

void Scene::mended(const std::string& what) {
  saw(what);
  clock_ = cli::steady_now();
}

void Scene::recovered() { findings_.recovery = cli::steady_now() - clock_; }

Result<void> Scene::until(const std::string& what, const Look& look, milliseconds time) {
  const milliseconds deadline = cli::steady_now() + time;
  for (;;) {
    HF_TRY(const bool there, look());
    if (there) return {};
    if (cli::steady_now() >= deadline)
      return unkept("not within " + std::to_string(time.count() / 1000) + " s: " + what);
    std::ignore = ::poll(nullptr, 0, kLookEveryMs);
  }
}

Result<json::object> Scene::until_item(const Instance& instance, const std::string& id,
                                       const std::string& what, const ItemLook& look) {
  json::object last;
  const auto seen = until(what, [&]() -> Result<bool> {
    HF_TRY(last, instance.item(id));
    return look(last);
  });
  if (!seen) return unkept(seen.error().what() + "; the item was " + json::serialize(last).substr(0, 1'000));
  return last;
}

Result<json::object> Scene::until_completed(const Instance& instance, const std::string& id) {
  HF_TRY(json::object item, until_item(instance, id, "completed", [](const json::object& state) {
           return is_over(status_of(state));
         }));
  if (status_of(item) != "completed") return unkept("the item ended as " + status_of(item) + " with " + error_of(item));
  return item;
}

Result<json::object> Scene::until_failed(const Instance& instance, const std::string& id) {
  HF_TRY(json::object item,
         until_item(instance, id, "failed", [](const json::object& state) { return is_over(status_of(state)); }));
  if (status_of(item) != "failed") return unkept("the item ended as " + status_of(item) + ", not as failed");
  return item;
}

Result<double> Scene::checkpoint(const Instance& instance, const std::string& id, std::string_view stage) {
  HF_TRY(const json::object pipeline, instance.get("/api/failure-recovery/pipeline-status/" + id));
  for (const json::value& entry : cli::array_at(pipeline, "stages")) {
    if (cli::text_at(entry.get_object(), "name") == stage)
      return cli::number_at(entry.get_object(), "checkpoint_s", 0);
  }
  return unkept("pipeline-status has no stage " + std::string{stage});
}

Result<double> Scene::until_half_heard(const Instance& instance, const std::string& id) {
  double heard = 0;
  HF_TRY_VOID(until("a part of it is transcribed and stored", [&]() -> Result<bool> {
    HF_TRY(heard, checkpoint(instance, id, "stt"));
    return heard > 0;
  }));
  HF_TRY(const json::object item, instance.item(id));
  if (status_of(item) != "processing" || cli::text_at(item, "stage") != "stt")
    return unkept("it was transcribed too soon to be broken in the middle: the drill is no drill");
  return heard;
}

Result<pid_t> Scene::worker(const Instance& instance, const std::string& program) {
  pid_t found = 0;
  HF_TRY_VOID(until("a worker " + program, [&]() -> Result<bool> {
    found = find_descendant(instance.pid(), program);
    return found != 0;
  }));
  return found;
}

Result<void> Scene::nothing_lost() {
  HF_TRY(findings_.lost, instance_->lost());
  findings_.sent = instance_->sent();
  if (findings_.lost > 0) return unkept(std::to_string(findings_.lost) + " acknowledged items are lost");
  HF_TRY(const auto verified, instance_->command({"verify", "--json"}));
  if (verified.code != 0) return unkept("holdfast verify found: " + verified.output);
  return {};
}

Result<void> until_alert(const Instance& instance, std::string_view name, bool firing) {
  return Scene::until(std::string{name} + (firing ? " fires" : " is over"), [&]() -> Result<bool> {
    HF_TRY(const json::object alerts, instance.get(std::string{kRecoveryRoutes} + "/alerts"));
    bool found = false;
    for (const json::value& alert : cli::array_at(alerts, "active"))
      found = found || cli::text_at(alert.get_object(), "alert") == name;
    return found == firing;
  });
}

Result<std::string> standing_of(const Instance& instance, std::string_view recipe) {
  HF_TRY(const json::object status, instance.get("/api/v1/status"));
  for (const json::value& mode : cli::array_at(status, "modes")) {
    if (cli::text_at(mode.get_object(), "recipe") == recipe) return cli::text_at(mode.get_object(), "mode");
  }
  return unkept("no mode is told of the recipe " + std::string{recipe});
}

std::string status_of(const json::object& item) { return cli::text_at(item, "status"); }
double progress_of(const json::object& item) { return cli::number_at(item, "progress", 0); }
std::string error_of(const json::object& item) { return cli::text_at(cli::object_at(item, "error"), "code"); }

bool says(const json::object& item, std::string_view message) {
  for (const json::value& told : cli::array_at(item, "messages")) {
    if (told.is_string() && std::string_view{told.get_string()}.starts_with(message)) return true;
  }
  return false;
}

std::string transcript_of(const json::object& item) {
  return cli::text_at(cli::object_at(cli::object_at(item, "result"), "transcript"), "text");
}

unsigned attempts_of(const json::object& item, std::string_view stage) {
  for (const json::value& entry : cli::array_at(item, "stages")) {
    if (!entry.is_object() || cli::text_at(entry.get_object(), "name") != stage) continue;
    return static_cast<unsigned>(cli::number_at(entry.get_object(), "attempts", 0));
  }
  return 0;
}

}  // namespace holdfast::drill
