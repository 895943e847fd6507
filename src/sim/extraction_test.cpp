#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "sim/attempt_kit.hpp"

namespace holdfast::sim {
namespace {

using ::testing::ElementsAre;

constexpr int kLines = 4;

/// A language model that repeats what it has read, one line at a time, and dies after so many answers: one number for
/// each start of the worker; the last one lives.
class MortalModel final : public WorkerPool {
 public:
  explicit MortalModel(std::vector<int> lives) : lives_{std::move(lives)} {}

  Task<Result<std::unique_ptr<WorkRun>>> start(WorkRequest request) override {
    if (life_ < lives_.size() && answers_ == lives_[life_]) {
      ++life_;
      answers_ = 0;
      co_return fail(ErrorClass::transient, kWorkerDied, "killed");
    }
    ++answers_;
    const auto body = boost::json::parse(request.body);
    const std::string line{body.at("lines").at(0).as_string()};
    read.push_back(line.substr(0, 3));
    shares.push_back(request.share_from);
    co_return std::make_unique<Run>(line.substr(4));
  }
  Task<Result<void>> probe(WorkerKind) override { co_return Result<void>{}; }
  std::vector<WorkerStatus> status() override { return {}; }

  std::vector<std::string> read;
  std::vector<double> shares;

 private:
  class Run final : public WorkRun {
   public:
    explicit Run(std::string line) : line_{std::move(line)} {}
    Task<Result<WorkEvent>> next() override {
      if (std::exchange(told_, true) == false) co_return WorkEvent{Progress{.fraction = 0.5}};
      const boost::json::object answer{{"memories", boost::json::array{boost::json::object{{"text", line_}}}}};
      const boost::json::object body{{"text", boost::json::serialize(answer)}, {"lines_used", 1}};
      Finished finished{.body = boost::json::serialize(body)};
      co_return WorkEvent{std::move(finished)};
    }

   private:
    std::string line_;
    bool told_ = false;
  };

  std::vector<int> lives_;
  std::size_t life_ = 0;
  int answers_ = 0;
};

/// One job whose transcript is stored and whose memories are to be found, worked on until it is past that stage.
class Extracting : public testing::AttemptTest {
 protected:
  static Recipe recipe() {
    Recipe made{.stages = {{.name = "stt", .kind = "transcribe"}, {.name = "memories", .kind = "generate"}}};
    StageConfig& stage = made.stages[1];
    stage.result = stage.shape = "memories";
    stage.prompt = "Remember.\n---\n{{transcript}}\nNow.\n";
    stage.schema =
        R"({"type":"object","additionalProperties":false,"properties":{"memories":{"type":"array","maxItems":2,
        "items":{"type":"object","additionalProperties":false,"properties":{
          "text":{"type":"string","maxLength":99}}}}}})";
    stage.window_characters = 10;
    stage.retry.attempts_max = stage.retry.crashes_max = 9;
    return made;
  }
  void transcribe() {
    Job job = contract::sample_job(1);
    job.stages[1].bulkhead = "engine";
    job.stages[2] = {.name = "memories", .kind = "generate", .bulkhead = "engine"};
    std::vector<Segment> segments;
    const char* words[] = {"red apples fall", "green trees grow", "blue rivers flow", "white clouds drift"};
    for (int n = 0; n < kLines; ++n)
      segments.push_back({.start_ms = n * 1'000, .end_ms = n * 1'000 + 1'000, .text = words[n], .confidence = 1});
    AttemptTest::transcribe(job, std::move(segments));
  }
  /// Claims and works until nothing is due any more.
  void work(MortalModel& model) {
    const runner::Deps deps{.store = store_,
                            .workers = model,
                            .clock = clock_,
                            .entropy = chance_,
                            .on_progress = [this](const Job&, double fraction) { told_.push_back(fraction); }};
    for (int attempts = 0; attempts < 12 && attempt_once(recipe(), deps); ++attempts) continue;
  }
  std::string texts() {
    std::string all;
    for (const auto& stored : ledger_.extractions(contract::item_id(1)))
      all += stored.made.text + "@" + std::to_string(stored.made.segments.at(0)) + " ";
    return all;
  }

  std::vector<double> told_;
};

constexpr auto kAll = "red apples fall@0 green trees grow@1 blue rivers flow@2 white clouds drift@3 ";

TEST_F(Extracting, FR_1_EveryPieceIsReadOnceWhateverDies) {
  transcribe();
  MortalModel model{{1, 0, 2}};

  work(model);

  EXPECT_THAT(model.read, ElementsAre("[0]", "[1]", "[2]", "[3]"));
  EXPECT_EQ(texts(), kAll);
  EXPECT_EQ(job().status, JobStatus::completed);
  EXPECT_EQ(job().stages[2].attempts, 4U);
  std::vector<std::string> trail = contract::types_of(ledger_.audit(contract::item_id(1)));
  EXPECT_EQ(std::ranges::count(trail, "stage.failed"), 3);
  EXPECT_EQ(std::ranges::count(trail, "stage.started"), 5);
}

TEST_F(Extracting, FR_1_ProgressIsOfTheWholeStageAndOnlyGrows) {
  transcribe();
  MortalModel model{{}};

  work(model);

  EXPECT_THAT(model.shares, ElementsAre(0, 0.25, 0.5, 0.75));
  EXPECT_THAT(told_, ElementsAre(0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875));
}

TEST_F(Extracting, FR_9_NothingIsThereBeforeTheLastPieceAndAFailureLeavesNothing) {
  transcribe();
  MortalModel model{{1, 0, 0, 0, 0, 0, 0, 0, 0, 0}};

  work(model);

  EXPECT_EQ(job().status, JobStatus::failed);
  EXPECT_EQ(texts(), "");
  EXPECT_GT(job().stages[2].position_ms, 0) << "a retry goes on from there";
}

}  // namespace
}  // namespace holdfast::sim
