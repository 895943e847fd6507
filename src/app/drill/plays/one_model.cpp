#include <poll.h>

#include <algorithm>
#include <tuple>

#include "app/drill/plays/plays.hpp"
#include "app/drill/scene.hpp"
#include "app/drill/stand_in.hpp"

/// FG_3 to FG_5: one of several models is away, and what it would have done is done in another way, which is said.
namespace holdfast::drill {
namespace {

namespace json = boost::json;

std::string says_by_a_model(const json::object& answer) {
  const json::object message{{"role", "assistant"}, {"content", json::serialize(answer)}};
  return json::serialize(json::object{
      {"model", "stand-in"},
      {"choices", json::array{json::object{{"index", 0}, {"message", message}, {"finish_reason", "stop"}}}}});
}

json::object brief() {
  json::object notes;
  for (const char* note :
       {"citrus", "green", "aquatic", "fruity", "floral", "spicy", "woody", "amber", "musky", "gourmand"})
    notes[note] = 5;
  return {{"style", "floral"}, {"product_category", "EDT"}, {"intensity", 4}, {"complexity", 6},
          {"notes_preference", std::move(notes)}};
}

constexpr int kBetweenRequestsMs = 500;
constexpr std::string_view kHint = "Think of a window that is opened at dawn.";

/// The three models of the recipe, each at an endpoint of its own.
struct Models {
  StandIn writes{says_by_a_model(brief())};
  StandIn checks{says_by_a_model(
      {{"warnings", json::array{"Nothing in it is restricted."}}, {"ifra_compliance", "compliant"}})};
  StandIn hints{says_by_a_model({{"hints", json::array{kHint}}})};

  [[nodiscard]] std::string config() const {
    const auto endpoint = [](std::string_view role, const StandIn& at) {
      const std::string name{role};
      return "[endpoints." + name + "]\nurl = \"http://127.0.0.1:" + std::to_string(at.port()) +
             "/v1\"\nmodel = \"stand-in\"\nroles = [\"" + name + "\"]\n";
    };
    return endpoint("qwen", writes) + endpoint("mistral", checks) + endpoint("llama", hints);
  }
};

Result<Instance*> start_with(Scene& scene, const Models& models) {
  return scene.start({.settings = {{"HOLDFAST_ENGINE_MODE_DWELL", "1 s"}}, .config = models.config()});
}

Result<json::object> answer_in_mode(Instance& instance, const std::string& text, const std::string& mode) {
  HF_TRY(const std::string id,
         instance.send({.content = text, .name = "request", .recipe = "fragrance", .mode = mode}));
  return Scene::until_completed(instance, id);
}

const json::object& result_of(const json::object& item, std::string_view name) {
  return cli::object_at(cli::object_at(item, "result"), name);
}

bool is_lesser(const json::object& item) { return !cli::object_at(item, "downshift").empty(); }

/// How a stage came to its result; empty: in its own way.
std::string way_of(const json::object& item, std::string_view stage) {
  for (const json::value& one : cli::array_at(cli::object_at(item, "downshift"), "stages")) {
    if (cli::text_at(one.get_object(), "stage") == stage) return cli::text_at(one.get_object(), "strategy");
  }
  return {};
}

/// Errors: permanent HF-DRL-01 (another way, or nothing is said of it).
Result<void> expect_way(Scene& scene, const json::object& item, std::string_view stage, std::string_view way) {
  if (way_of(item, stage) != way)
    return unkept("the stage " + std::string{stage} + " was done by \"" + way_of(item, stage) + "\"");
  const std::string reason = cli::text_at(cli::object_at(item, "downshift"), "reason");
  if (reason.empty()) return unkept("the answer does not say why it is a lesser one");
  scene.saw("user: has an answer in mode \"" + cli::text_at(item, "mode") + "\", by \"" + std::string{way} +
            "\", which says: " + reason);
  return {};
}

/// The recipe stands in its fullest mode, and the next answer is in the mode that is asked for.
Result<void> until_full(Scene& scene, Instance& instance, const std::string& text, const std::string& mode) {
  HF_TRY_VOID(Scene::until("the recipe is in its fullest mode again", [&]() -> Result<bool> {
    HF_TRY(const std::string stands, standing_of(instance, "fragrance"));
    return stands == "creative";
  }));
  scene.recovered();
  HF_TRY(const json::object item, answer_in_mode(instance, text, mode));
  if (is_lesser(item)) return unkept("the model is there, and the answer is a lesser one");
  scene.saw("user: the next answer is in mode \"" + cli::text_at(item, "mode") +
            "\"; nobody had to do anything for that");
  return {};
}

}  // namespace

Result<void> play_writer_away(Scene& scene) {
  Models models;
  HF_TRY(Instance* const instance, start_with(scene, models));
  HF_TRY(const json::object first,
         answer_in_mode(*instance, "A light floral scent with roses for spring evenings", "fast"));
  if (is_lesser(first)) return unkept("the first answer is a lesser one already");
  models.writes.close_port();
  scene.broke("the endpoint of the model that writes briefs is closed");
  json::object similar;  // once what was asked before is known as a vector, which takes a moment
  unsigned asked = 0;
  HF_TRY_VOID(Scene::until("an earlier answer is found for nearly the same request", [&]() -> Result<bool> {
    std::ignore = ::poll(nullptr, 0, kBetweenRequestsMs);
    const std::string text = "A light floral fragrance with roses for evenings in spring" + std::string(++asked, '.');
    HF_TRY(similar, answer_in_mode(*instance, text, "fast"));
    return way_of(similar, "qwen") == "similar";
  }));
  HF_TRY_VOID(expect_way(scene, similar, "qwen", "similar"));
  if (result_of(similar, "brief") != result_of(first, "brief")) return unkept("it is not the earlier answer");
  HF_TRY(const json::object opposite,
         answer_in_mode(*instance, "A light floral scent without roses for spring evenings", "fast"));
  HF_TRY_VOID(expect_way(scene, opposite, "qwen", "rules"));
  models.writes.open_port();
  scene.mended("the endpoint is there again");
  HF_TRY_VOID(until_full(scene, *instance, "A woody scent of cedar", "fast"));
  return scene.nothing_lost();
}

Result<void> play_checker_away(Scene& scene) {
  Models models;
  HF_TRY(Instance* const instance, start_with(scene, models));
  models.checks.close_port();
  scene.broke("the endpoint of the model that checks briefs is closed");
  HF_TRY(const json::object checked, answer_in_mode(*instance, "A fresh scent of mint for the summer", "balanced"));
  HF_TRY_VOID(expect_way(scene, checked, "mistral", "rules"));
  const auto compliance = [](const json::object& item) {
    return cli::text_at(result_of(item, "validation"), "ifra_compliance");
  };
  if (compliance(checked) != "unknown") return unkept("rules say more than they know");
  models.checks.open_port();
  scene.mended("the endpoint is there again");
  const auto again = Scene::until_item(*instance, cli::text_at(checked, "id"), "checked by the model",
                                       [&](const json::object& item) {
                                         return status_of(item) == "completed" && !is_lesser(item) &&
                                                compliance(item) == "compliant";
                                       });
  if (!again) return std::unexpected{again.error()};
  scene.recovered();
  scene.saw("user: the real check was made later, by itself");
  return scene.nothing_lost();
}

Result<void> play_hinter_away(Scene& scene) {
  Models models;
  HF_TRY(Instance* const instance, start_with(scene, models));
  models.hints.close_port();
  scene.broke("the endpoint of the model that adds hints is closed");
  HF_TRY(const json::object item, answer_in_mode(*instance, "A fresh scent of mint for the summer", "creative"));
  HF_TRY_VOID(expect_way(scene, item, "llama", "template"));
  models.hints.open_port();
  scene.mended("the endpoint is there again");
  HF_TRY_VOID(until_full(scene, *instance, "A woody scent of cedar", "creative"));
  const std::string id = cli::text_at(item, "id");
  HF_TRY_VOID(instance->post("/api/v1/items/" + id + "/redo"));
  HF_TRY(const json::object redone, Scene::until_completed(*instance, id));
  if (is_lesser(redone)) return unkept("what was done again is a lesser one still");
  scene.saw("user: has the first one done in full by one click");
  return scene.nothing_lost();
}

Result<void> play_many_wait(Scene& scene) {
  constexpr unsigned kMany = 90;  // of the hundred that count as a full load
  Models models;
  HF_TRY(Instance* const instance, scene.start({.settings = {{"HOLDFAST_CAPACITY_ENGINE_MAX", "2"},
                                                             {"HOLDFAST_CAPACITY_MORE_ABOVE", "80"},
                                                             {"HOLDFAST_CAPACITY_FEWER_AFTER", "2 s"}},
                                                .config = models.config()}));
  const auto ttl = [&]() -> Result<double> {
    HF_TRY(const json::object status, instance->get("/api/v1/status"));
    return cli::number_at(cli::object_at(status, "cache"), "ttl_s", 0);
  };
  const auto added = [&]() -> Result<bool> {
    HF_TRY(const json::object status, instance->get("/api/v1/status"));
    return std::ranges::any_of(cli::array_at(status, "messages"), [](const json::value& message) {
      return std::string_view{message.get_string()}.contains("more engine worker");
    });
  };
  HF_TRY(const double before, ttl());
  HF_TRY_VOID(instance->post("/api/failure-recovery/queues/engine/park"));
  std::vector<std::string> ids;
  for (unsigned n = 0; n < kMany; ++n) {
    HF_TRY(ids.emplace_back(), instance->send({.content = "A scent for day " + std::to_string(n),
                                               .name = "request",
                                               .recipe = "fragrance",
                                               .mode = "fast"}));
  }
  scene.broke(std::to_string(kMany) + " requests arrive at once, and nothing is begun");
  HF_TRY_VOID(Scene::until("a further worker is there", added));
  scene.saw("operator: is told that one more engine worker is there, because many wait");
  HF_TRY_VOID(Scene::until("answers are kept longer", [&]() -> Result<bool> {
    HF_TRY(const double now, ttl());
    return now > before;
  }));
  scene.saw("operator: what is answered is kept longer while the load is high");
  HF_TRY_VOID(instance->post("/api/failure-recovery/queues/engine/resume"));
  scene.mended("the queue goes on");
  for (const std::string& id : ids) HF_TRY_VOID(Scene::until_completed(*instance, id));
  scene.recovered();
  HF_TRY_VOID(Scene::until("there are as many workers as before", [&]() -> Result<bool> {
    HF_TRY(const bool more, added());
    return !more;
  }));
  HF_TRY_VOID(Scene::until("answers are kept as long as before", [&]() -> Result<bool> {
    HF_TRY(const double now, ttl());
    return now <= before;
  }));
  scene.saw("operator: there are as many workers as before, and answers are kept as long as before");
  return scene.nothing_lost();
}

}  // namespace holdfast::drill
