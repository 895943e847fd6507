#include "guard/services.hpp"

#include "guard/guard_test_kit.hpp"
#include "guard/service_document.hpp"

namespace holdfast::guard {
namespace {

using breaker::State;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ServicesTest : public testing::GuardTest {};

std::vector<std::string> history_of(const Service& service) {
  std::vector<std::string> out;
  for (const Change& change : service.history)
    out.push_back(change.what + (change.detail.empty() ? "" : " " + change.detail));
  return out;
}

TEST_F(ServicesTest, FR_5_AServiceThatFailsRestsAndSaysSo) {
  fail_often();
  const auto refused = services_->admit("language", ItemId{"d"}, false);

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().error_class(), ErrorClass::dependency) << "held, not charged";
  EXPECT_EQ(refused.error().code(), "HF-SVC-01");
  EXPECT_EQ(refused.error().what(), "language rests for another 30 s; it failed with HF-LLM-01");
  EXPECT_TRUE(call("d", nullptr, "language/llama")) << "each role has its own";
  EXPECT_THAT(log_.lines, Contains("! breaker language open closed HF-LLM-01"));
}

TEST_F(ServicesTest, FR_5_OneBadFileDoesNotMakeAServiceRest) {
  const Error died{ErrorClass::transient, "HF-ENG-01", "signal 11"};
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(call("poison", &died));
  EXPECT_EQ(state(), State::closed);
  EXPECT_TRUE(call("good", nullptr));
  EXPECT_TRUE(call("poison", &died));
  EXPECT_TRUE(call("second poison", &died));
  EXPECT_EQ(state(), State::closed);
  EXPECT_TRUE(call("third poison", &died));
  EXPECT_EQ(state(), State::open);
}

TEST_F(ServicesTest, FR_5_WhenTheRestIsOverThoseWhoWaitAreTold) {
  run(services_->run());
  fail_often();
  pass(milliseconds{29'000});
  EXPECT_EQ(rings_, 0);
  EXPECT_EQ(services_->room("language", false), 0U);

  pass(milliseconds{2'000});

  EXPECT_EQ(state(), State::half_open);
  EXPECT_GT(rings_, 0);
  EXPECT_EQ(services_->room("language", false), 1U);
  services_->stop();
  settle();
}

TEST_F(ServicesTest, FR_5_ASuccessInHalfOpenMakesRoomAndAnnouncesIt) {
  fail_often();
  pass(milliseconds{30'000});
  rings_ = 0;
  EXPECT_TRUE(call("d", nullptr));
  EXPECT_EQ(services_->room("language", false), 3U);
  EXPECT_GT(rings_, 0);
  for (const char* item : {"e", "f", "g"}) EXPECT_TRUE(call(item, nullptr));
  EXPECT_EQ(state(), State::closed);
  EXPECT_THAT(history_of(*services_->find("language")),
              ::testing::ElementsAre("open HF-LLM-01", "half_open", "closed"));
}

TEST_F(ServicesTest, FR_4_ThatAServiceGoesAwayOrComesBackIsToldAtOnce) {
  std::string told;
  Services services{{.clock = clock_, .entropy = entropy_, .on_change = [&](const Service&, const Service& after) {
                       told += std::string{to_word(after.health)} + " ";
                     }}};
  services.add({.name = "store"});
  const Result<void> away = fail(ErrorClass::transient, "HF-STO-01", "no answer");
  for (const auto& answer : {Result<void>{}, away, away, away, Result<void>{}})
    services.seen("store", answer, milliseconds{1});

  EXPECT_EQ(told, "up down up ");
}

TEST_F(ServicesTest, FR_5_StateAndHistorySurviveARestart) {
  run(services_->run());
  fail_often();
  EXPECT_TRUE(services_->open("language/llama"));
  settle();
  pass(milliseconds{10'000});

  services_ = restarted();

  EXPECT_EQ(state(), State::open);
  EXPECT_EQ(services_->find("language")->breaker.retry_at - timeline_.now(), milliseconds{20'000});
  EXPECT_EQ(services_->find("language")->breaker.trips, 1U);
  EXPECT_EQ(services_->find("language")->failed_code, "HF-LLM-01");
  EXPECT_THAT(history_of(*services_->find("language")), Contains("open HF-LLM-01"));
  EXPECT_TRUE(services_->find("language/llama")->breaker.by_hand);
  EXPECT_EQ(services_->find("store")->history.size(), 0U);
}

TEST_F(ServicesTest, AHalfOpenBreakerProvesAnewAfterARestart) {
  run(services_->run());
  fail_often();
  pass(milliseconds{30'000});
  EXPECT_TRUE(services_->admit("language", ItemId{"d"}, false));
  EXPECT_EQ(services_->room("language", false), 0U);
  settle();

  services_ = restarted();

  EXPECT_EQ(state(), State::half_open);
  EXPECT_EQ(services_->room("language", false), 1U) << "the call under way ended with its process";
}

TEST_F(ServicesTest, ACalendarThatJumpedCostsOneRestAtMost) {
  run(services_->run());
  fail_often();
  settle();
  clock_.wall_skew -= std::chrono::hours{24 * 365};

  services_ = restarted();

  EXPECT_LE(services_->find("language")->breaker.retry_at - timeline_.now(), milliseconds{330'000});
  EXPECT_LE(services_->find("language")->breaker.since, timeline_.now());
}

TEST_F(ServicesTest, AStoreThatIsAwayIsAskedAgain) {
  class Stubborn final : public StateStore {
   public:
    explicit Stubborn(StateStore& inner) : inner_{inner} {}
    Task<Result<void>> keep(std::string name, std::string json) override {
      if (++asked == 1) co_return fail(ErrorClass::transient, "HF-STO-01", "busy");
      co_return co_await inner_.keep(std::move(name), std::move(json));
    }
    Task<Result<void>> forget(std::string name) override { return inner_.forget(std::move(name)); }
    Task<Result<std::optional<std::string>>> kept(std::string name) override { return inner_.kept(std::move(name)); }
    Task<Result<std::map<std::string, std::string>>> kept_under(std::string prefix) override {
      return inner_.kept_under(std::move(prefix));
    }
    int asked = 0;

   private:
    StateStore& inner_;
  } stubborn{states_};
  Services services{{.clock = clock_, .entropy = entropy_, .states = &stubborn}};
  services.add({.name = "language", .breaks = true});
  run(services.run());
  EXPECT_TRUE(services.open("language"));
  settle();
  EXPECT_THAT(kept_, IsEmpty());

  pass(milliseconds{5'000});

  EXPECT_EQ(kept_.size(), 1U);
  services.stop();
  settle();
}

TEST_F(ServicesTest, FR_5_ByHandABreakerIsOpenedClosedAndReset) {
  EXPECT_TRUE(services_->open("language"));
  const auto refused = services_->admit("language", ItemId{"a"}, false);
  EXPECT_THAT(refused.error().what(), HasSubstr("by hand"));
  pass(std::chrono::hours{24});
  EXPECT_EQ(services_->room("language", false), 0U);
  EXPECT_TRUE(services_->close("language"));
  EXPECT_TRUE(call("a", nullptr));
  fail_often();
  rings_ = 0;
  EXPECT_TRUE(services_->reset("language"));
  EXPECT_GT(rings_, 0) << "held work goes on at once";
  EXPECT_EQ(state(), State::closed);
  for (const char* name : {"store", "nobody", ""}) {
    EXPECT_EQ(services_->reset(name).error().code(), "HF-SVC-02") << name;
    EXPECT_EQ(services_->open(name).error().error_class(), ErrorClass::not_found) << name;
  }
}

TEST_F(ServicesTest, FR_5_AStatedWaitIsAGateAndNoFailure) {
  const Error busy = Error{ErrorClass::dependency, "HF-LLM-02", "429"}.asked_again_after(milliseconds{7'000});
  for (const char* item : {"a", "b", "c", "d"}) (void)call(item, &busy);
  EXPECT_EQ(state(), State::closed);
  const auto refused = services_->admit("language", ItemId{"e"}, false);
  EXPECT_EQ(refused.error().code(), "HF-LLM-02") << "what it waits for is what it is";
  pass(milliseconds{7'000});
  EXPECT_TRUE(services_->admit("language", ItemId{"e"}, false));
}

TEST_F(ServicesTest, FR_5_RepetitionsHaveABudget) {
  std::vector<Services::Pass> passes;
  for (const char* item : {"a", "b", "c"}) passes.push_back(services_->admit("language", ItemId{item}, true).value());
  EXPECT_EQ(services_->room("language", true), 0U);
  const auto refused = services_->admit("language", ItemId{"d"}, true);
  EXPECT_EQ(refused.error().code(), "HF-SVC-01");
  EXPECT_TRUE(services_->admit("language", ItemId{"fresh"}, false)) << "what is new goes first";

  services_->ended(passes.back(), nullptr);

  EXPECT_EQ(services_->room("language", true), 1U);
  EXPECT_TRUE(services_->admit("language", ItemId{"d"}, true));
}

TEST_F(ServicesTest, FR_5_SlowCallsCount) {
  for (int i = 0; i < 10; ++i) {
    const auto pass_one = services_->admit("language", ItemId{std::to_string(i)}, false);
    ASSERT_TRUE(pass_one);
    pass(milliseconds{1'500});
    services_->ended(*pass_one, nullptr);
  }
  EXPECT_EQ(state(), State::open);
  EXPECT_EQ(services_->find("language")->calls.percentile(50), milliseconds{1'500});
}

TEST_F(ServicesTest, FR_4_DownAfterTwoMissesUpAtTheFirstSuccess) {
  const Result<void> away = fail(ErrorClass::dependency, "HF-LLM-01", "refused");
  services_->seen("language", Result<void>{}, milliseconds{3});
  services_->seen("language", away, milliseconds{5});
  EXPECT_EQ(services_->find("language")->health, Health::up) << "once is an accident";
  services_->seen("language", away, milliseconds{5});
  EXPECT_EQ(services_->find("language")->health, Health::down);
  EXPECT_EQ(services_->find("language/llama")->health, Health::down) << "it is the same endpoint";
  EXPECT_THAT(log_.lines, Contains("! service_down language HF-LLM-01 refused"));

  services_->seen("language", Result<void>{}, milliseconds{4});

  EXPECT_EQ(services_->find("language")->health, Health::up);
  EXPECT_EQ(services_->find("language")->code, "");
  EXPECT_EQ(services_->find("language")->probes.percentile(50), milliseconds{4});
  EXPECT_THAT(history_of(*services_->find("language")), ::testing::ElementsAre("up", "down HF-LLM-01", "up"));
}

TEST_F(ServicesTest, FR_4_WhatIsMissingAtTheFirstLookIsDownAtOnce) {
  services_->seen("store", fail(ErrorClass::transient, "HF-STO-01", "busy"), milliseconds{5});
  EXPECT_EQ(services_->find("store")->health, Health::down);
}

TEST_F(ServicesTest, FR_4_AServiceThatReturnsIsTriedAtOnce) {
  const Result<void> away = fail(ErrorClass::dependency, "HF-LLM-01", "refused");
  services_->seen("language", away, milliseconds{5});
  fail_often();
  rings_ = 0;
  services_->seen("language", Result<void>{}, milliseconds{4});
  EXPECT_EQ(state(), State::half_open) << "the rest is over early";
  EXPECT_GT(rings_, 0);

  EXPECT_TRUE(services_->open("language/llama"));
  services_->seen("language", away, milliseconds{5});
  services_->seen("language", away, milliseconds{5});
  services_->seen("language", Result<void>{}, milliseconds{4});
  EXPECT_EQ(state("language/llama"), State::open) << "a hand is stronger than a probe";
}

TEST_F(ServicesTest, AProbeThatWasStoppedFoundNothingOut) {
  services_->seen("store", Result<void>{}, milliseconds{1});
  for (int i = 0; i < 3; ++i) services_->seen("store", fail(ErrorClass::canceled, "HF-SRV-02", ""), milliseconds{1});
  EXPECT_EQ(services_->find("store")->health, Health::up);
}

TEST_F(ServicesTest, HistoryHasABound) {
  for (int i = 0; i < 200; ++i) {
    ASSERT_TRUE(services_->open("language"));
    ASSERT_TRUE(services_->close("language"));
  }
  EXPECT_EQ(services_->find("language")->history.size(), kHistoryMax);
  EXPECT_LT(write_document(*services_->find("language"), {}).size(), StateStore::kDocumentMax / 4);
}

TEST_F(ServicesTest, FR_5_AKeptDocumentThatIsNoneIsRefusedAndTold) {
  const std::string good = write_document(*services_->find("language"), {});
  const Moment now{.mono = timeline_.now(), .wall = clock_.wall_now()};
  const auto with = [&good](const std::string& from, const std::string& to) {
    std::string changed = good;
    const auto at = changed.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return changed.replace(at, from.size(), to);
  };
  const std::vector<std::string> bad{
      "", "null", "[]", "{}", "{\"history\":1,\"failed_code\":\"\"}", good.substr(0, good.size() / 2),
      std::string(100'000, '['), with("\"closed\"", "\"ajar\""), with("\"closed\"", "7"),
      with("\"trips\":0", "\"trips\":-1"), with("\"trips\":0", "\"trips\":99999999999999"),
      with("\"trips\":0", "\"trips\":1e9"), with("\"by_hand\":false", "\"by_hand\":true"),
      with("\"since_ms\":0", "\"since_ms\":9223372036854775807"), with("[0,0,0]", "[0,0]"),
      with("[0,0,0]", "[0,0,0],[0,0,0]"), with("\"history\":[]", "\"history\":[{}]"),
      with("\"failed_code\":\"\"", "\"failed_code\":\"\\u0000\""),
      with("\"history\":[]", "\"history\":[{\"at_ms\":1,\"what\":\"" + std::string(500, 'x') + "\",\"detail\":\"\"}]")};
  for (const std::string& document : bad) {
    Service service = *services_->find("language");
    const auto read = read_document(document, now, &service);
    ASSERT_FALSE(read) << document.substr(0, 200);
    EXPECT_EQ(read.error().code(), "HF-SVC-03");
    EXPECT_EQ(service.breaker.state, State::closed);
  }
  Service service = *services_->find("language");
  EXPECT_TRUE(read_document(good, now, &service)) << "the rest of it is right";

  kept_["service/language"] = bad.back();
  kept_["service/gone"] = good;
  services_ = restarted();
  EXPECT_THAT(log_.lines, Contains(HasSubstr("service_document_refused language")));
}

}  // namespace
}  // namespace holdfast::guard
