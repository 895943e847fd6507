#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "sim/attempt_kit.hpp"
#include "sim/map_cache.hpp"
#include "sim/memory_vectors.hpp"

namespace holdfast::sim {
namespace {

using ::testing::ElementsAre;

/// Models that answer or fail by their role, as a script says: one error for each call; then they answer.
class ScriptedModels final : public WorkerPool {
 public:
  explicit ScriptedModels(Clock& clock) : clock_{clock} {}

  milliseconds takes{0};  ///< until a failure
  std::map<std::string, std::vector<Error>> failures;
  std::set<std::string> away;
  std::vector<std::string> asked;  ///< "qwen 512 10000 ms"

  Task<Result<std::unique_ptr<WorkRun>>> start(WorkRequest request) override {
    const auto tokens = boost::json::parse(request.body).at("tokens_max").as_int64();
    asked.push_back(request.role + " " + std::to_string(tokens) + " " + std::to_string(request.time_max.count()) +
                    " ms");
    auto& script = failures[request.role];
    if (!script.empty()) {
      const Error failure = script.front();
      script.erase(script.begin());
      HF_CO_TRY_VOID(co_await clock_.sleep_until(clock_.mono_now() + takes));
      co_return std::unexpected{failure};
    }
    co_return std::make_unique<Run>();
  }
  Task<Result<void>> probe(WorkerKind) override { co_return Result<void>{}; }
  bool is_away(WorkerKind, const std::string& role) override { return away.contains(role); }
  std::vector<WorkerStatus> status() override { return {}; }

 private:
  class Run final : public WorkRun {
   public:
    Task<Result<WorkEvent>> next() override {
      Finished finished{.body = R"({"text":"{\"note\":\"apples\"}","lines_used":1,"model":"m"})"};
      co_return WorkEvent{std::move(finished)};
    }
  };

  Clock& clock_;
};

/// Answers a minute after it was asked.
class SlowEmbedder final : public Embedder {
 public:
  explicit SlowEmbedder(Clock& clock) : clock_{clock} {}
  Task<Result<similar::Embeddings>> embed(std::vector<std::string> /*texts*/) override {
    HF_CO_TRY_VOID(co_await clock_.sleep_until(clock_.mono_now() + std::chrono::minutes{1}));
    co_return similar::Embeddings{.model = "slow", .dimension = 1, .values = {1}};
  }

 private:
  Clock& clock_;
};

/// Good enough to tell the questions of a test apart.
std::string plain_digest(std::string_view bytes) { return std::to_string(std::hash<std::string_view>{}(bytes)); }

const Error kTimeout{ErrorClass::transient, kWorkerHung, "too late"};
const Error kAway{ErrorClass::dependency, "HF-LLM-01", "nobody there"};

StageConfig stage(const std::string& name) {
  StageConfig made{.name = name, .kind = "generate", .title = name};
  made.role = made.result = name;
  made.shape = "form";
  made.prompt = "Write.\n---\n{{transcript}}\nNow.\n";
  made.schema = R"({"type":"object","additionalProperties":false,
      "properties":{"note":{"type":["string","null"],"maxLength":99}}})";
  made.time_max = milliseconds{10'000};
  return made;
}

Recipe three_writers() {
  Recipe made{.stages = {{.name = "stt", .kind = "transcribe"}, stage("qwen"), stage("mistral"), stage("llama")}};
  made.modes = {{.name = "creative", .stages = {"qwen", "mistral", "llama"}},
                {.name = "balanced", .stages = {"qwen", "mistral"}},
                {.name = "fast", .stages = {"qwen"}},
                {.name = "fallback"},
                {.name = "emergency", .last_resort = true}};
  made.stages[1].fallbacks = {{.strategy = "less", .not_in = "emergency", .temperature = 0.5},
                              {.strategy = "popular", .data = R"({"creative":{"note":"popular"}})"}};
  made.stages[3].fallbacks = {
      {.strategy = "popular", .reliability = "medium", .data = R"({"creative":{"hint":"sea"}})"}};
  return made;
}

/// One job whose transcript is stored, and whose three writers are worked through.
class FallingBack : public testing::AttemptTest {
 protected:
  FallingBack() {
    Job job = contract::sample_job(1);
    job.stages.resize(2);
    job.stages[1].bulkhead = "engine";
    for (const char* name : {"qwen", "mistral", "llama"})
      job.stages.push_back({.name = name, .kind = "generate", .bulkhead = "engine"});
    job.requested_mode = job.mode = "creative";
    job.input.payload = "red apples";
    transcribe(job, {{.start_ms = 0, .end_ms = 1'000, .text = "red apples fall", .confidence = 1}});
  }

  /// One attempt at the stage that is next.
  void attempt() {
    const runner::Deps deps{.store = store_,
                            .workers = models_,
                            .clock = clock_,
                            .entropy = chance_,
                            .on_progress = {},
                            .answers = &answers_,
                            .neighbours = &neighbours_};
    EXPECT_TRUE(attempt_once(recipe_, deps));
  }
  void all_attempts() {
    for (int stages = 0; stages < 3; ++stages) attempt();
  }
  Result<Job> redo() {
    return ledger_.update(contract::item_id(1), [](const Job& job, WallTime now) { return decide::redo(job, now); });
  }
  /// How each stage was done: "qwen:own mistral:less".
  std::string ways() {
    std::string out;
    for (const auto& record : job().stages) {
      if (record.kind != "generate") continue;
      out += (out.empty() ? "" : " ") + record.name + ":" + (record.fallback ? record.fallback->strategy : "own");
    }
    return out;
  }
  std::string result(const std::string& name) {
    for (const auto& stored : ledger_.results(contract::item_id(1))) {
      if (stored.name == name) return stored.json;
    }
    return {};
  }

  MapCache cache_{clock_};
  fallback::Answers answers_{{.executor = io_.get_executor(),
                              .cache = cache_,
                              .clock = clock_,
                              .digest = &plain_digest,
                              .model_of = [](const std::string& role) { return role; },
                              .ttl = [] { return milliseconds{3'600'000}; }}};
  MemoryVectors vectors_{ledger_};
  SlowEmbedder embedder_{clock_};
  similar::Shelf shelf_{{vectors_, embedder_, [] { return std::unique_ptr<VectorIndex>{}; }}};
  similar::Neighbours neighbours_{{shelf_, store_}};
  ScriptedModels models_{clock_};
  Recipe recipe_ = three_writers();
};

TEST_F(FallingBack, FG_1_WhereAllAnswerNothingFallsBack) {
  all_attempts();

  EXPECT_EQ(ways(), "qwen:own mistral:own llama:own");
  EXPECT_EQ(job().mode, "creative");
  EXPECT_EQ(job().status, JobStatus::completed);
}

TEST_F(FallingBack, FG_3_ATimeoutIsAnsweredByARetryWithLessInTheSameAttempt) {
  models_.failures["qwen"] = {kTimeout};

  attempt();

  EXPECT_THAT(models_.asked, ElementsAre("qwen 512 10000 ms", "qwen 256 30000 ms"));
  EXPECT_EQ(job().mode, "fallback");
  const StageRecord record = job().stages[2];
  ASSERT_TRUE(record.fallback);
  EXPECT_EQ(record.fallback->strategy, "less");
  EXPECT_EQ(record.fallback->cause, kWorkerHung);
  EXPECT_EQ(record.attempts, 1U);
  EXPECT_EQ(job().retry_count, 0U);
}

TEST_F(FallingBack, FG_3_TheNextStepIsTakenWhereOneFails) {
  models_.failures["qwen"] = {kTimeout, kTimeout};

  all_attempts();

  EXPECT_EQ(ways(), "qwen:popular mistral:own llama:own");
  EXPECT_EQ(result("qwen"), R"({"note":"popular"})");
}

TEST_F(FallingBack, FG_5_TheModeIsTheFullestWhoseStagesWereAllDoneTheirWay) {
  models_.failures["llama"] = {kTimeout};
  all_attempts();

  EXPECT_EQ(ways(), "qwen:own mistral:own llama:popular");
  EXPECT_EQ(result("llama"), R"({"hint":"sea"})");
  EXPECT_EQ(job().mode, "balanced");
  EXPECT_EQ(job().stages[4].fallback->reliability, "medium");
}

TEST_F(FallingBack, FG_2_AStageWithoutFallbacksWaitsForItsService) {
  models_.failures["mistral"] = {kAway};
  attempt();
  attempt();

  EXPECT_EQ(job().status, JobStatus::pending);
  EXPECT_EQ(job().held_for, "HF-LLM-01");
  EXPECT_EQ(job().mode, "creative");
}

TEST_F(FallingBack, FG_3_AServiceThatIsAwayIsNotAskedAgainWithLess) {
  models_.away = {"qwen"};
  models_.failures["qwen"] = {kAway};

  attempt();

  EXPECT_THAT(models_.asked, ElementsAre("qwen 512 10000 ms"));
  EXPECT_EQ(ways(), "qwen:popular mistral:own llama:own");
  EXPECT_EQ(job().mode, "fallback");
}

TEST_F(FallingBack, FG_6_WhereNothingAnswersItIsTheLastResort) {
  models_.away = {"qwen", "mistral", "llama"};
  models_.failures["qwen"] = {kAway};

  attempt();

  EXPECT_EQ(ways(), "qwen:popular mistral:own llama:own");
  EXPECT_EQ(job().mode, "emergency");
  const auto trail = contract::types_of(ledger_.audit(contract::item_id(1)));
  EXPECT_EQ(std::ranges::count(trail, "job.downshifted"), 1);
}

TEST_F(FallingBack, FG_6_TheLastResortHasNoAnswerWhereItsStepsHaveNone) {
  recipe_.stages[1].fallbacks.pop_back();
  models_.away = {"qwen", "mistral", "llama"};
  models_.failures["qwen"] = {kAway};

  attempt();

  EXPECT_EQ(job().status, JobStatus::pending);
  EXPECT_EQ(job().held_for, "HF-LLM-01");
}

TEST_F(FallingBack, FG_3_TheDeadlineHoldsOverTheWholeChain) {
  recipe_.stages[1].deadline = milliseconds{15'000};
  models_.takes = milliseconds{10'000};
  models_.failures["qwen"] = {kTimeout};
  attempt();
  EXPECT_THAT(models_.asked, ElementsAre("qwen 512 10000 ms", "qwen 256 5000 ms"));
}

TEST_F(FallingBack, FG_3_WhenTheDeadlineHasPassedNoModelIsAskedAnyMore) {
  recipe_.stages[1].deadline = milliseconds{9'000};
  models_.takes = milliseconds{9'000};
  models_.failures["qwen"] = {kTimeout};
  attempt();
  EXPECT_THAT(models_.asked, ElementsAre("qwen 512 9000 ms"));
  EXPECT_EQ(job().stages[2].fallback->strategy, "popular");
}

TEST_F(FallingBack, FG_3_ASimilarAnswerIsNotWaitedForBeyondTheDeadline) {
  recipe_.stages[1].deadline = milliseconds{15'000};
  recipe_.stages[1].fallbacks.insert(recipe_.stages[1].fallbacks.begin(), {.strategy = "similar"});
  models_.failures["qwen"] = {kTimeout};
  const MonoTime before = clock_.mono_now();
  attempt();

  EXPECT_EQ(job().stages[2].fallback->strategy, "popular");
  EXPECT_EQ(clock_.mono_now() - before, milliseconds{15'000});
  EXPECT_THAT(models_.asked, ElementsAre("qwen 512 10000 ms")) << "nothing was left for a retry with less";
}

TEST_F(FallingBack, FG_3_WhatIsWrongForGoodDoesNotFallBack) {
  models_.failures["qwen"] = {Error{ErrorClass::permanent, "HF-LLM-04", "too long"}};
  attempt();
  EXPECT_EQ(job().status, JobStatus::failed);
  EXPECT_EQ(ways(), "qwen:own mistral:own llama:own");
}

TEST_F(FallingBack, FG_4_WhatARuleDidIsDoneAgainWhenTheModelIsBack) {
  recipe_.stages[3].redo = true;
  models_.failures["llama"] = {kTimeout};
  all_attempts();
  EXPECT_EQ(job().status, JobStatus::completed);
  EXPECT_EQ(job().held_for, kHeldForRedo);
  EXPECT_EQ(ledger_.held(std::string{kHeldForRedo}).size(), 1U);

  ASSERT_TRUE(redo());
  EXPECT_EQ(job().status, JobStatus::pending);
  EXPECT_EQ(job().stage, 4U) << "earlier stages are kept";
  EXPECT_EQ(job().mode, "creative");
  attempt();

  EXPECT_EQ(ways(), "qwen:own mistral:own llama:own");
  EXPECT_EQ(job().status, JobStatus::completed);
  EXPECT_EQ(job().held_for, "");
}

TEST_F(FallingBack, FG_4_AStageIsNotDoneAgainForEver) {
  recipe_.stages[3].redo = true;
  models_.failures["llama"] = std::vector<Error>(10, kTimeout);
  all_attempts();
  unsigned redos = 0;
  for (; job().held_for == kHeldForRedo && redos < 9; ++redos) {
    ASSERT_TRUE(redo());
    attempt();
  }
  EXPECT_EQ(redos, kRedosMax);
  EXPECT_EQ(ways(), "qwen:own mistral:own llama:popular");
  EXPECT_EQ(job().status, JobStatus::completed);
}

TEST_F(FallingBack, FG_6_WhatWasAskedBeforeIsAnsweredAsItWasEvenInTheLastResort) {
  for (std::size_t stage = 1; stage < 4; ++stage) recipe_.stages[stage].cache = true;
  all_attempts();
  const std::string before = result("qwen");
  EXPECT_EQ(models_.asked.size(), 3U);

  models_.away = {"qwen", "mistral", "llama"};
  ASSERT_TRUE(ledger_.update(contract::item_id(1),
                             [](const Job& job, WallTime now) { return decide::retry(job, "qwen", now); }));
  all_attempts();

  EXPECT_EQ(models_.asked.size(), 3U) << "nobody was asked again";
  EXPECT_EQ(ways(), "qwen:exact mistral:exact llama:exact");
  EXPECT_EQ(result("qwen"), before);
  EXPECT_EQ(job().mode, "emergency");
  EXPECT_TRUE(job().stages[2].fallback->made_at.has_value());
}

TEST_F(FallingBack, FG_6_AnEarlierAnswerTakesNothingFromTheMode) {
  for (std::size_t stage = 1; stage < 4; ++stage) recipe_.stages[stage].cache = true;
  all_attempts();
  ASSERT_TRUE(ledger_.update(contract::item_id(1),
                             [](const Job& job, WallTime now) { return decide::retry(job, "qwen", now); }));
  all_attempts();

  EXPECT_EQ(ways(), "qwen:exact mistral:exact llama:exact");
  EXPECT_EQ(job().mode, "creative");
}

TEST_F(FallingBack, FG_7_WhatFailedIsNeverKeptAsAnAnswer) {
  recipe_.stages[1].cache = true;
  models_.failures["qwen"] = {kTimeout, kTimeout};
  attempt();
  EXPECT_EQ(ways(), "qwen:popular mistral:own llama:own");
  EXPECT_EQ(cache_.status().entries.value_or(0), 0U);
}

TEST_F(FallingBack, FG_7_RequestsThatAModelIsShownAlikeAreDifferentQuestions) {
  stages::StageInput input{.job = job(), .config = recipe_.stages[1]};
  input.config.reads = {"input"};
  const auto ask = [&](const std::string& text) {
    input.job.input.payload = text;
    const WorkRequest request{.worker = WorkerKind::language, .role = "qwen", .body = R"({"tokens_max":1,"seed":7})"};
    EXPECT_TRUE(run(answers_.outcome(stages::find_kind("generate"), input, request, &models_)));
  };
  ask("red <apples");
  ask("red (apples");
  EXPECT_EQ(models_.asked.size(), 2U);
  ask("red <apples");
  EXPECT_EQ(models_.asked.size(), 2U) << "that one was asked before";
}

TEST_F(FallingBack, FG_7_AnotherPromptOrSchemaIsAnotherQuestion) {
  recipe_.stages[1].cache = true;
  attempt();
  ASSERT_TRUE(ledger_.update(contract::item_id(1),
                             [](const Job& job, WallTime now) { return decide::retry(job, "qwen", now); }));
  recipe_.stages[1].prompt = "Write better.\n---\n{{transcript}}\nNow.\n";
  attempt();
  EXPECT_EQ(models_.asked.size(), 2U);
}

TEST_F(FallingBack, FG_7_WhatACacheHoldsThatIsNoResultIsAskedForAnew) {
  recipe_.stages[1].cache = true;
  attempt();
  for (auto& [key, held] : cache_.entries)
    held.entry.value = R"({"output":"","warnings":[],"publish":[{"name":"qwen","json":"{broken"}]})";
  ASSERT_TRUE(ledger_.update(contract::item_id(1),
                             [](const Job& job, WallTime now) { return decide::retry(job, "qwen", now); }));
  attempt();

  EXPECT_EQ(models_.asked.size(), 2U);
  EXPECT_EQ(ways(), "qwen:own mistral:own llama:own");
}

TEST_F(FallingBack, FG_3_AnEarlierAnswerToARetryWithLessTellsItsAge) {
  recipe_.stages[1].cache = true;
  models_.failures["qwen"] = {kTimeout};
  attempt();
  ASSERT_TRUE(ledger_.update(contract::item_id(1),
                             [](const Job& job, WallTime now) { return decide::retry(job, "qwen", now); }));
  models_.failures["qwen"] = {kTimeout};
  attempt();

  const StageRecord record = job().stages[2];
  EXPECT_EQ(record.fallback->strategy, "less");
  EXPECT_TRUE(record.fallback->made_at.has_value());
  EXPECT_EQ(models_.asked.size(), 3U) << "the retry with less was answered as before";
}

}  // namespace
}  // namespace holdfast::sim
