#include <algorithm>
#include <array>

#include "app/drill/plays/plays.hpp"
#include "app/drill/scene.hpp"
#include "app/drill/stand_in.hpp"

/// FG_7, TH_4: what others keep for us is away, and nothing but time is lost.
namespace holdfast::drill {
namespace {

namespace json = boost::json;
namespace fs = std::filesystem;

std::string redis_program() {
  constexpr std::array<std::string_view, 3> kPlaces{"/usr/bin/redis-server", "/usr/local/bin/redis-server",
                                                    "/usr/bin/valkey-server"};
  const auto found = std::ranges::find_if(kPlaces, [](std::string_view place) { return fs::exists(place); });
  return found != kPlaces.end() ? std::string{*found} : "";
}

Result<Child> start_redis(const Scene& scene, const std::string& program, std::uint16_t port) {
  const fs::path& folder = scene.props().folder;
  const std::vector<std::string> words{program, "--bind", "127.0.0.1", "--port",       std::to_string(port),
                                       "--dir", folder,   "--save",    "", "--appendonly", "no"};
  return Child::start({.words = words,
                       .variables = {},
                       .folder = folder,
                       .log = folder / "redis.log"});
}

/// Who keeps the answers now, as everybody is told: "redis", or "memory" while that is away.
Result<std::string> keeper_of(const Instance& instance) {
  HF_TRY(const json::object status, instance.get("/api/v1/status"));
  return cli::text_at(cli::object_at(status, "cache"), "backend");
}

Result<void> until_kept_by(const Instance& instance, const std::string& keeper) {
  return Scene::until("the cache is said to be " + keeper, [&]() -> Result<bool> {
    HF_TRY(const std::string now, keeper_of(instance));
    return now == keeper;
  });
}

Result<json::object> answer_to(Instance& instance, const std::string& text) {
  HF_TRY(const std::string id, instance.send({.content = text, .name = "request", .recipe = "fragrance"}));
  return Scene::until_completed(instance, id);
}

}  // namespace

Result<void> play_cache_lost(Scene& scene) {
  const std::string program = redis_program();
  if (program.empty()) return not_here("there is no redis-server on this machine");
  StandIn place;  // its port
  place.close_port();
  HF_TRY(Child redis, start_redis(scene, program, place.port()));
  const std::string url = "redis://127.0.0.1:" + std::to_string(place.port()) + "/0";
  HF_TRY(Instance* const instance,
         scene.start({.settings = {{"HOLDFAST_CACHE_BACKEND", "redis"}, {"HOLDFAST_CACHE_URL", url}}}));
  HF_TRY_VOID(until_kept_by(*instance, "redis"));
  HF_TRY_VOID(answer_to(*instance, "A fresh scent of mint for the summer"));

  redis.kill();
  scene.broke("the Redis that keeps answers is killed");
  const std::string asked = "A woody scent of cedar for the winter";
  HF_TRY_VOID(answer_to(*instance, asked));
  scene.saw("user: has an answer as before");
  HF_TRY_VOID(until_kept_by(*instance, "memory"));
  scene.saw("operator: is told that answers are kept in memory, as redis is away");

  HF_TRY(redis, start_redis(scene, program, place.port()));
  scene.mended("Redis is started again");
  HF_TRY_VOID(until_kept_by(*instance, "redis"));
  scene.recovered();
  HF_TRY(const json::object again, answer_to(*instance, asked));
  const auto& made_before = cli::object_at(cli::object_at(again, "result"), "metadata");
  const json::value* const age = made_before.if_contains("age_s");
  if (age == nullptr || age->is_null()) return unkept("what was answered meanwhile is not known any more");
  scene.saw("user: what was answered meanwhile is given again, with its age");
  return scene.nothing_lost();
}

}  // namespace holdfast::drill
