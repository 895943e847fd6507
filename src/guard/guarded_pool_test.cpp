#include "guard/guarded_pool.hpp"

#include "guard/call_outcome.hpp"
#include "guard/guard_test_kit.hpp"

namespace holdfast::guard {
namespace {

using breaker::State;

/// Does what it is told, and remembers what it was asked.
class ScriptedPool final : public WorkerPool {
 public:
  class Run final : public WorkRun {
   public:
    Run(ScriptedPool& pool, std::vector<Result<WorkEvent>> events) : pool_{pool}, events_{std::move(events)} {}
    Task<Result<WorkEvent>> next() override { co_return events_.at(at_++); }
    void judge(const Error* unusable) override { pool_.judged += unusable != nullptr ? "bad " : "good "; }

   private:
    ScriptedPool& pool_;
    std::vector<Result<WorkEvent>> events_;
    std::size_t at_ = 0;
  };
  Task<Result<std::unique_ptr<WorkRun>>> start(WorkRequest) override {
    ++started;
    if (refusal) co_return std::unexpected{*refusal};
    co_return std::make_unique<Run>(*this, events);
  }
  Task<Result<void>> probe(WorkerKind) override { co_return Result<void>{}; }
  std::vector<WorkerStatus> status() override { return {}; }

  std::optional<Error> refusal;
  std::vector<Result<WorkEvent>> events{WorkEvent{Finished{}}};
  int started = 0;
  std::string judged;
};

class GuardedPoolTest : public testing::GuardTest {
 protected:
  enum class Judged : std::uint8_t { good, bad, not_at_all };

  /// One piece of work, all its events heard. Returns what ended it, or nothing.
  std::optional<Error> work(const std::string& item, Judged judged = Judged::good, const std::string& role = "") {
    std::optional<Error> end;
    run(do_work(&pool_, {.worker = WorkerKind::language, .item = ItemId{item}, .role = role}, judged, &end));
    return end;
  }
  static Task<void> do_work(GuardedPool* pool, WorkRequest request, Judged judged, std::optional<Error>* end) {
    auto starting = pool->start(std::move(request));
    auto run = co_await std::move(starting);
    if (!run) {
      *end = run.error();
      co_return;
    }
    for (;;) {
      auto waiting = (*run)->next();
      const auto event = co_await std::move(waiting);
      if (!event) *end = event.error();
      if (!event || std::holds_alternative<Finished>(*event)) break;
    }
    const Error garbage{ErrorClass::transient, "HF-LLM-03", "no JSON"};
    if (*end || judged == Judged::not_at_all) co_return;
    (*run)->judge(judged == Judged::bad ? &garbage : nullptr);
  }
  void work_thrice(Judged judged = Judged::good) {
    for (const char* item : {"a", "b", "c"}) (void)work(item, judged);
  }

  ScriptedPool inner_;
  GuardedPool pool_{inner_, *services_};
};

TEST_F(GuardedPoolTest, FR_5_AServiceThatRestsIsNotEvenAsked) {
  inner_.events = {fail(ErrorClass::transient, "HF-LLM-01", "500")};
  work_thrice();
  ASSERT_EQ(state(), State::open);
  const int asked = inner_.started;

  const auto refused = work("d");

  EXPECT_EQ(refused->code(), "HF-SVC-01");
  EXPECT_EQ(refused->error_class(), ErrorClass::dependency);
  EXPECT_EQ(inner_.started, asked);
  EXPECT_EQ(pool_.room(WorkerKind::language, "", false), 0U);
  EXPECT_EQ(pool_.room(WorkerKind::language, "llama", false), WorkerPool::kRoomForAll);
  EXPECT_FALSE(work("d", Judged::good, "llama").value().code() == "HF-SVC-01") << "another role is another service";
}

TEST_F(GuardedPoolTest, FR_5_ContentThatCannotBeUsedIsAFailure) {
  work_thrice(Judged::bad);
  EXPECT_EQ(state(), State::open);
  EXPECT_EQ(inner_.judged, "bad bad bad ") << "the pool inside hears it as well";
}

TEST_F(GuardedPoolTest, AnAnswerThatNobodyJudgedIsAnAnswer) {
  inner_.events = {fail(ErrorClass::transient, "HF-LLM-01", "500")};
  (void)work("a");
  (void)work("b");
  inner_.events = {WorkEvent{Finished{}}};
  (void)work("c", Judged::not_at_all);
  EXPECT_EQ(services_->find("language")->breaker.row, 0U);
  EXPECT_EQ(services_->find("language")->in_flight, 0U);
}

TEST_F(GuardedPoolTest, FR_5_SpeechWithoutTextIsAFailure) {
  const SegmentsDone unheard{.gaps = {{0, 12'000, "the same words again and again"}}, .position_ms = 12'000};
  inner_.events = {WorkEvent{unheard}, WorkEvent{Finished{}}};
  work_thrice();
  EXPECT_EQ(state(), State::open);
  EXPECT_EQ(services_->find("language")->failed_code, "HF-ENG-08");
}

TEST_F(GuardedPoolTest, ALittleSpeechWithoutTextIsABadRecording) {
  const SegmentsDone short_gap{.gaps = {{0, 9'000, "noise"}}, .position_ms = 9'000};
  const SegmentsDone mostly_text{.segments = {{.start_ms = 0, .end_ms = 60'000}},
                                 .gaps = {{60'000, 90'000, "noise"}},
                                 .position_ms = 90'000};
  const SegmentsDone music{.gaps = {{0, 90'000, "nothing that was heard there was said"}}, .position_ms = 90'000};
  for (const auto& done : {short_gap, mostly_text, music}) {
    inner_.events = {WorkEvent{done}, WorkEvent{Finished{}}};
    work_thrice();
    EXPECT_EQ(state(), State::closed);
  }
}

TEST_F(GuardedPoolTest, FR_5_ARunThatIsLetGoGivesItsPermitBack) {
  inner_.events = {fail(ErrorClass::transient, "HF-LLM-01", "500")};
  work_thrice();
  pass(milliseconds{30'000});
  inner_.events = {fail(ErrorClass::canceled, "HF-SRV-02", "stopped")};
  (void)work("d");
  EXPECT_EQ(state(), State::half_open);
  EXPECT_EQ(services_->room("language", false), 1U);
  EXPECT_EQ(services_->find("language")->in_flight, 0U);
}

TEST_F(GuardedPoolTest, ARoleThatNobodyNamedHasTheBreakerOfAllOthers) {
  EXPECT_TRUE(services_->open("language"));
  EXPECT_EQ(work("a", Judged::good, "poet")->code(), "HF-SVC-01");
}

TEST(CallOutcome, FR_5_WhatAnErrorSaysOfTheService) {
  using Kind = CallOutcome::Kind;
  using enum ErrorClass;
  struct Row {
    ErrorClass cls;
    const char* code;
    Kind kind;
  };
  for (const Row& row : {Row{transient, "HF-ENG-01", Kind::doubtful}, Row{transient, "HF-ENG-03", Kind::doubtful},
                         Row{transient, "HF-LLM-03", Kind::doubtful}, Row{transient, "HF-ENG-07", Kind::failed},
                         Row{transient, "HF-LLM-01", Kind::failed}, Row{dependency, "HF-LLM-01", Kind::failed},
                         Row{dependency, "HF-LLM-02", Kind::dropped}, Row{dependency, "HF-FFM-01", Kind::dropped},
                         Row{dependency, "HF-ENG-02", Kind::dropped}, Row{resource, "HF-ENG-04", Kind::doubtful},
                         Row{resource, "HF-STO-02", Kind::dropped}, Row{transient, "HF-STO-01", Kind::dropped},
                         Row{permanent, "HF-MED-01", Kind::worked}, Row{permanent, "HF-LLM-04", Kind::worked},
                         Row{corrupt, "HF-STO-03", Kind::dropped}, Row{canceled, "HF-SRV-02", Kind::dropped},
                         Row{interrupted, "HF-SRV-03", Kind::dropped}, Row{conflict, "HF-ITM-05", Kind::dropped}}) {
    EXPECT_EQ(outcome_of({row.cls, row.code, ""}).kind, row.kind) << row.code;
  }
}

}  // namespace
}  // namespace holdfast::guard
