#include "guard/balanced_pool.hpp"

#include "guard/guard_test_kit.hpp"
#include "guard/guarded_pool.hpp"

namespace holdfast::guard {
namespace {

using breaker::State;
using ::testing::ElementsAre;

/// Answers with its name, or fails as it is told: when it is begun or when it is heard.
class NamedPool final : public WorkerPool {
 public:
  class Run final : public WorkRun {
   public:
    explicit Run(NamedPool& pool) : pool_{pool} {}
    Task<Result<WorkEvent>> next() override {
      if (pool_.failure) co_return std::unexpected{*pool_.failure};
      Finished finished;
      finished.body = pool_.name;
      co_return WorkEvent{std::move(finished)};
    }

   private:
    NamedPool& pool_;
  };
  explicit NamedPool(std::string its_name) : name{std::move(its_name)} {}
  Task<Result<std::unique_ptr<WorkRun>>> start(WorkRequest request) override {
    asked.push_back(request.time_max);
    if (takes > milliseconds{0}) (void)timeline->wake_one(timeline->now() + takes);
    if (refusal) co_return std::unexpected{*refusal};
    co_return std::make_unique<Run>(*this);
  }
  Task<Result<void>> probe(WorkerKind) override { co_return Result<void>{}; }
  std::vector<WorkerStatus> status() override { return {{.kind = WorkerKind::language, .state = "idle"}}; }

  std::string name;
  std::optional<Error> refusal{};
  std::optional<Error> failure{};
  milliseconds takes{0};
  sim::Timeline* timeline = nullptr;
  std::vector<milliseconds> asked{};
};

class BalancedPoolTest : public testing::GuardTest {
 protected:
  BalancedPoolTest() {
    for (NamedPool* pool : {&own_, &big_, &small_}) pool->timeline = &timeline_;
    services_->add({.name = "endpoint/big", .breaks = true});
    services_->add({.name = "endpoint/small", .breaks = true});
  }
  BalancedPool make(std::vector<Endpoint> endpoints) {
    return BalancedPool{{own_, *services_, clock_, std::move(endpoints)}};
  }
  BalancedPool both() {
    return make({{.name = "big", .pool = &big_, .roles = {"mistral"}, .weight = 3},
                 {.name = "small", .pool = &small_, .roles = {"mistral", "llama"}}});
  }
  /// Who answered, or the code of what it failed with.
  std::string ask(BalancedPool& pool, const std::string& role = "mistral", const std::string& item = "a") {
    std::string who;
    WorkRequest request{.worker = WorkerKind::language, .item = ItemId{item}, .role = role};
    request.time_max = milliseconds{10'000};
    run(do_ask(&pool, std::move(request), &who));
    return who;
  }
  static Task<void> do_ask(BalancedPool* pool, WorkRequest request, std::string* who) {
    auto starting = pool->start(std::move(request));
    auto run = co_await std::move(starting);
    if (!run) {
      *who = run.error().code();
      co_return;
    }
    auto waiting = (*run)->next();
    const auto event = co_await std::move(waiting);
    *who = event ? std::get<Finished>(*event).body : event.error().code();
    if (event) (*run)->judge(nullptr);
  }
  std::string ask_often(BalancedPool& pool, unsigned count) {
    std::string all;
    for (unsigned call = 0; call < count; ++call) all += ask(pool, "mistral", std::to_string(call)).front();
    return all;
  }

  const Error refused_{ErrorClass::dependency, "HF-LLM-01", "connection refused"};
  NamedPool own_{"own"};
  NamedPool big_{"big"};
  NamedPool small_{"small"};
};

TEST_F(BalancedPoolTest, FG_1_ARoleIsSharedOutAmongItsEndpointsByWeight) {
  auto pool = both();
  EXPECT_EQ(ask_often(pool, 8), "bbsbbbsb");
  EXPECT_EQ(ask(pool, "llama"), "small");
  EXPECT_EQ(ask(pool, "qwen"), "own") << "a role without an endpoint";
  EXPECT_TRUE(pool.serves("llama"));
  EXPECT_FALSE(pool.serves("qwen"));
}

TEST_F(BalancedPoolTest, AnEndpointWithoutRolesAnswersAllOfThem) {
  auto pool = make({{.name = "big", .pool = &big_}});
  EXPECT_EQ(ask(pool, "anything"), "big");
  EXPECT_EQ(ask(pool, ""), "big");
}

TEST_F(BalancedPoolTest, FG_16_WhereOneFailsTheNextIsAskedInTheSamePieceOfWork) {
  auto pool = both();
  big_.refusal = refused_;
  EXPECT_EQ(ask(pool), "small");
  big_.refusal.reset();
  big_.failure = sick_;
  EXPECT_EQ(ask(pool), "small") << "an answer that never came is asked for elsewhere";
  EXPECT_EQ(big_.asked.size(), 2U);
}

TEST_F(BalancedPoolTest, WhatIsWrongWithTheRequestIsNotAskedElsewhere) {
  auto pool = both();
  big_.refusal = Error{ErrorClass::permanent, "HF-LLM-04", "too long"};
  EXPECT_EQ(ask(pool), "HF-LLM-04");
  EXPECT_TRUE(small_.asked.empty());
}

TEST_F(BalancedPoolTest, TheNextOneHasOnlyTheTimeThatIsLeft) {
  auto pool = both();
  big_.refusal = refused_;
  big_.takes = milliseconds{7'000};
  EXPECT_EQ(ask(pool), "small");
  EXPECT_THAT(small_.asked, ElementsAre(milliseconds{3'000}));
  big_.takes = milliseconds{10'000};
  EXPECT_EQ(ask(pool, "mistral", "b"), "HF-SVC-01") << "no time is left";
  EXPECT_EQ(small_.asked.size(), 1U);
}

TEST_F(BalancedPoolTest, FR_5_EachHasABreakerOfItsOwn) {
  auto pool = both();
  big_.failure = sick_;
  for (const char* item : {"a", "b", "c", "d", "e", "f"}) EXPECT_EQ(ask(pool, "mistral", item), "small");
  EXPECT_EQ(state("endpoint/big"), State::open);
  EXPECT_EQ(state("endpoint/small"), State::closed);
  const auto asked = big_.asked.size();
  EXPECT_EQ(ask(pool, "mistral", "g"), "small");
  EXPECT_EQ(big_.asked.size(), asked) << "one that rests is not asked";
  EXPECT_TRUE(pool.standing_of("mistral"));
  EXPECT_FALSE(pool.is_away(WorkerKind::language, "mistral"));
}

TEST_F(BalancedPoolTest, FG_3_NoneMayBeAsked_NoBreakerIsPassedBy) {
  auto pool = both();
  for (const char* name : {"endpoint/big", "endpoint/small"}) ASSERT_TRUE(services_->open(name));
  EXPECT_EQ(ask(pool), "HF-SVC-01");
  EXPECT_TRUE(big_.asked.empty() && small_.asked.empty() && own_.asked.empty());
  EXPECT_EQ(pool.room(WorkerKind::language, "mistral", false), 0U);
  EXPECT_TRUE(pool.is_away(WorkerKind::language, "mistral"));
  EXPECT_FALSE(pool.is_away(WorkerKind::language, "qwen"));
  ASSERT_TRUE(services_->reset("endpoint/small"));
  EXPECT_EQ(ask(pool), "small");
  EXPECT_EQ(pool.room(WorkerKind::language, "mistral", false), WorkerPool::kRoomForAll);
}

TEST_F(BalancedPoolTest, WhoCannotBeReachedMakesWorkWaitForAnyOfThem) {
  auto pool = both();
  big_.refusal = small_.refusal = refused_;
  EXPECT_EQ(ask(pool), "HF-SVC-01");
  const Result<void> down = std::unexpected{refused_};
  for (int probe = 0; probe < 3; ++probe) services_->seen("endpoint/big", down, milliseconds{1});
  big_.refusal.reset();
  EXPECT_EQ(ask(pool), "HF-SVC-01") << "known to be down: it is not asked";
  services_->seen("endpoint/big", Result<void>{}, milliseconds{1});
  EXPECT_EQ(ask(pool), "big");
}

TEST_F(BalancedPoolTest, OneWithoutAShareIsThereForWhenNoOtherIs) {
  auto pool = make({{.name = "big", .pool = &big_, .weight = 0}, {.name = "small", .pool = &small_, .weight = 1}});
  EXPECT_EQ(ask_often(pool, 3), "sss");
  small_.refusal = refused_;
  EXPECT_EQ(ask(pool), "big");
}

TEST_F(BalancedPoolTest, ItTellsWhoEachWorkerIs) {
  auto pool = both();
  std::vector<std::string> who;
  for (const WorkerStatus& status : pool.status()) who.push_back(status.runs);
  EXPECT_THAT(who, ElementsAre("", "big", "small"));
}

}  // namespace
}  // namespace holdfast::guard
