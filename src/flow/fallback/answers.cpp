#include "flow/fallback/answers.hpp"

#include <boost/json.hpp>

#include "flow/fallback/outcome_json.hpp"
#include "flow/stages/generate/sources.hpp"

namespace holdfast::fallback {
namespace {

namespace json = boost::json;

/// What the answer depends on: all but the number that makes another attempt draw another one.
std::string question_of(const std::string& body) {
  boost::system::error_code bad;
  json::value asked = json::parse(body, bad);
  if (bad || !asked.is_object()) return body;
  asked.get_object().erase("seed");
  return json::serialize(asked);
}

/// What an answer is held against when it is concluded. A model may have been shown less of it, or in other characters.
std::string read_by(const stages::StageInput& input) {
  json::object read;
  for (const StoredResult& result : input.results) {
    if (stages::reads(input.config, result.name)) read[result.name] = result.json;
  }
  if (stages::reads(input.config, stages::kReadsInput)) read[stages::kReadsInput] = input.job.input.payload;
  return json::serialize(read);
}

/// Whether what was found can be the stage's outcome: a cache that several share may hold anything.
bool fits(const decide::StageOutcome& earlier, const StageConfig& config) {
  const auto* shape = stages::find_shape(config.shape);
  if (shape == nullptr || earlier.publish.size() != 1 || earlier.publish.front().name != config.result) return false;
  boost::system::error_code bad;
  const json::value result = json::parse(earlier.publish.front().json, bad);
  return !bad && shape->check_result(result).has_value();
}

/// Asks the worker, and nothing else: it owns all that it needs, as it may outlive the attempt that began it.
Task<Result<decide::StageOutcome>> ask(const stages::StageKind* kind, std::shared_ptr<stages::StageInput> input,
                                       WorkRequest request, WorkerPool* workers) {
  HF_CO_TRY(auto run, co_await workers->start(std::move(request)));
  for (;;) {
    HF_CO_TRY(const WorkEvent event, co_await run->next());
    const auto* finished = std::get_if<Finished>(&event);
    if (finished == nullptr) continue;
    auto outcome = kind->conclude(*input, *finished);
    run->judge(outcome ? nullptr : &outcome.error());
    co_return outcome;
  }
}

/// Asks, and keeps what is worth it. A cache that does not take it changes nothing.
Task<Result<decide::StageOutcome>> ask_and_keep(Task<Result<decide::StageOutcome>> asking, Cache* cache, CacheKey key,
                                                WallTime began, milliseconds ttl) {
  HF_CO_TRY(auto outcome, co_await std::move(asking));
  if (outcome.goes_on_at_ms >= 0) co_return outcome;
  CacheEntry entry{.value = to_json(outcome), .made_at = began};
  auto putting = cache->put(std::move(key), std::move(entry), ttl);
  (void)co_await std::move(putting);
  co_return outcome;
}

}  // namespace

CacheKey Answers::key_of(const stages::StageInput& input, const WorkRequest& request) const {
  const cache::KeyParts parts{
      .recipe = input.job.recipe,
      .stage = input.config.name,
      .prompt_version = cache::prompt_version(input.config.prompt, input.config.schema, deps_.digest),
      .model = deps_.model_of(input.config.role),
      .parameters = std::string{HF_VERSION} + ' ' + input.config.shape,  // another version may conclude otherwise
      .input = question_of(request.body) + '\n' + read_by(input)};
  return cache::key_of(parts, deps_.digest);
}

Task<Result<decide::StageOutcome>> Answers::outcome(const stages::StageKind* kind, stages::StageInput input,
                                                    WorkRequest request, WorkerPool* workers) {
  const CacheKey key = key_of(input, request);
  auto looking = deps_.cache.get(key);
  const auto found = co_await std::move(looking);
  if (!found && found.error().error_class() == ErrorClass::canceled) co_return std::unexpected{found.error()};
  if (found && *found) {
    if (auto earlier = outcome_of((*found)->value); earlier && fits(*earlier, input.config)) {
      earlier->fallback = Fallback{.strategy = "exact", .reliability = "high", .made_at = (*found)->made_at};
      co_return *std::move(earlier);
    }
  }
  const auto owned = std::make_shared<stages::StageInput>(std::move(input));
  Coalescer<decide::StageOutcome>::Work work = [this, kind, owned, request = std::move(request), workers, key] {
    return ask_and_keep(ask(kind, owned, request, workers), &deps_.cache, key, deps_.clock.wall_now(), deps_.ttl());
  };
  auto sharing = under_way_.once(key.text(), std::move(work));
  co_return co_await std::move(sharing);
}

}  // namespace holdfast::fallback
