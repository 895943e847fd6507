#include "guard/alerts.hpp"

#include <boost/json.hpp>

#include "guard/alert_document.hpp"
#include "guard/alert_view.hpp"
#include "guard/guard_test_kit.hpp"
#include "guard/tally.hpp"

namespace holdfast::guard::testing {
namespace {

using alert::Book;
using alert::Event;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr milliseconds kMinute{60'000};

/// A receiver that is there or not.
class Receiver final : public Notifier {
 public:
  Task<Result<void>> send(Notice notice) override {
    ++asked;
    if (away) co_return fail(ErrorClass::dependency, "HF-ALR-01", "nobody is there");
    if (refuses) co_return fail(ErrorClass::permanent, "HF-ALR-02", "not for me");
    got.push_back(std::move(notice));
    co_return Result<void>{};
  }
  std::vector<Notice> got;
  bool away = false;
  bool refuses = false;
  int asked = 0;
};

/// A store of documents that may be away.
class AwayStates final : public StateStore {
 public:
  explicit AwayStates(StateStore& states) : states_{states} {}
  Task<Result<void>> keep(std::string name, std::string json) override {
    if (away) co_return fail(ErrorClass::transient, "HF-STO-04", "away");
    co_return co_await states_.keep(std::move(name), std::move(json));
  }
  Task<Result<void>> forget(std::string name) override { return states_.forget(std::move(name)); }
  Task<Result<std::optional<std::string>>> kept(std::string name) override { return states_.kept(std::move(name)); }
  Task<Result<std::map<std::string, std::string>>> kept_under(std::string prefix) override {
    return states_.kept_under(std::move(prefix));
  }
  bool away = false;

 private:
  StateStore& states_;
};

class AlertsTest : public GuardTest {
 protected:
  void SetUp() override { start(); }
  void TearDown() override { stop(); }
  void start(bool delivers = true) {
    Alerts::Deps deps{.states = flaky_,
                      .clock = clock_,
                      .entropy = chance_,
                      .look = [this] { return look(&figures_); },
                      .notifier = delivers ? &receiver_ : nullptr,
                      .on_event = [this](const Event& event) { told_.push_back(event); },
                      .log = &log_};
    alerts_ = std::make_unique<Alerts>(std::move(deps));
    run([](Alerts* alerts) -> Task<void> { EXPECT_TRUE(co_await alerts->load()); }(alerts_.get()));
    run(alerts_->run());
    run(alerts_->deliver());
  }
  void stop() {
    alerts_->stop();
    settle();
  }
  /// As after kill -9: what is not in the store is gone.
  void crash_and_start(bool delivers = true) {
    const auto at_the_kill = kept_;
    stop();
    kept_ = at_the_kill;
    start(delivers);
  }
  static Task<alert::Figures> look(const alert::Figures* figures) { co_return *figures; }
  void speech(bool up) { figures_.services_up["speech"] = up; }
  std::vector<std::string> received() const {
    std::vector<std::string> out;
    for (const Notice& notice : receiver_.got) {
      const auto body = boost::json::parse(notice.json);
      out.push_back(std::string{body.at("alert").as_string()} + " " + std::string{body.at("state").as_string()});
    }
    return out;
  }

  class Chance final : public Entropy {
   public:
    std::uint64_t next() override { return rng_.next(); }

   private:
    Rng rng_{5};
  };
  Chance chance_;
  AwayStates flaky_{states_};
  Receiver receiver_;
  alert::Figures figures_;
  std::vector<Event> told_;
  std::unique_ptr<Alerts> alerts_;
};

TEST_F(AlertsTest, FG_13_AModelThatIsAwayForAMinuteIsToldAndSoIsItsReturn) {
  speech(false);
  pass(kMinute);
  EXPECT_THAT(told_, IsEmpty());
  pass(kMinute / 2);

  EXPECT_THAT(received(), ElementsAre("HoldfastModelDown firing"));
  EXPECT_THAT(log_.lines, ::testing::Contains(HasSubstr("alert_firing HoldfastModelDown speech high alr_")));
  EXPECT_THAT(active_array(*alerts_), SizeIs(1));

  speech(true);
  pass(kMinute / 2);
  EXPECT_THAT(received(), ElementsAre("HoldfastModelDown firing", "HoldfastModelDown resolved"));
  EXPECT_THAT(active_array(*alerts_), IsEmpty());
  EXPECT_THAT(told_, SizeIs(2));
  EXPECT_TRUE(alerts_->book().waiting.empty());
}

TEST_F(AlertsTest, FG_13_AReceiverThatWasAwayForAnHourGetsEverythingAfterwardsInOrder) {
  receiver_.away = true;
  speech(false);
  pass(30 * kMinute);
  speech(true);
  pass(30 * kMinute);
  EXPECT_THAT(received(), IsEmpty());
  EXPECT_GT(receiver_.asked, 10);
  EXPECT_LT(receiver_.asked, 300) << "its pauses grow";
  EXPECT_EQ(alerts_->trouble(), "nobody is there");

  receiver_.away = false;
  pass(3 * kMinute);

  EXPECT_THAT(received(), ElementsAre("HoldfastModelDown firing", "HoldfastModelDown resolved"));
  EXPECT_EQ(alerts_->trouble(), "");
}

TEST_F(AlertsTest, FG_13_OneThatIsRefusedIsGivenUpAfterSomeTriesAndSaid) {
  receiver_.refuses = true;
  speech(false);
  pass(60 * kMinute);

  EXPECT_EQ(receiver_.asked, static_cast<int>(Alerts::kRefusalsMax));
  EXPECT_EQ(alerts_->book().given_up, 1U);
  EXPECT_TRUE(alerts_->book().waiting.empty());
  EXPECT_THAT(log_.lines, ::testing::Contains(HasSubstr("alert_given_up HoldfastModelDown alr_")));
  EXPECT_THAT(active_array(*alerts_), SizeIs(1)) << "the alert itself stays";
  crash_and_start();
  EXPECT_EQ(alerts_->book().given_up, 1U) << "kept";

  receiver_.refuses = false;
  speech(true);
  pass(5 * kMinute);
  EXPECT_THAT(received(), ElementsAre("HoldfastModelDown resolved")) << "what comes later is not held up";
  EXPECT_EQ(alerts_->trouble(), "");
}

TEST_F(AlertsTest, ARefusalThatIsTakenBackInTimeCostsNothing) {
  receiver_.refuses = true;
  speech(false);
  pass(kMinute);
  for (int seconds = 0; seconds < 60 && receiver_.asked == 0; ++seconds) pass(milliseconds{1'000});
  ASSERT_EQ(receiver_.asked, 1);

  receiver_.refuses = false;
  pass(5 * kMinute);

  EXPECT_THAT(received(), ElementsAre("HoldfastModelDown firing"));
  EXPECT_EQ(alerts_->book().given_up, 0U);
}

TEST_F(AlertsTest, WhatFiredIsDeliveredWithItsIdThoughTheServerIsKilledBeforeAndTheCauseIsGone) {
  receiver_.away = true;
  speech(false);
  pass(2 * kMinute);
  ASSERT_THAT(told_, SizeIs(1));
  speech(true);

  crash_and_start();
  receiver_.away = false;
  pass(3 * kMinute);

  ASSERT_THAT(received(), ElementsAre("HoldfastModelDown firing", "HoldfastModelDown resolved"));
  EXPECT_EQ(receiver_.got.front().id, told_.front().id);
}

TEST_F(AlertsTest, WhatWasDeliveredBeforeAQuietEndIsNotSentAgain) {
  speech(false);
  pass(2 * kMinute);
  stop();
  start();
  pass(2 * kMinute);

  EXPECT_THAT(received(), ElementsAre("HoldfastModelDown firing"));
}

TEST_F(AlertsTest, AnAlertThatFiresDoesSoOverARestartAndIsNotToldTwice) {
  speech(false);
  pass(2 * kMinute);
  const auto since = alerts_->book().standings.begin()->second.since;

  crash_and_start();
  figures_.services_up["speech"] = std::nullopt;  // nobody has looked yet
  pass(2 * kMinute);

  ASSERT_THAT(alerts_->book().standings, SizeIs(1));
  EXPECT_TRUE(alerts_->book().standings.begin()->second.firing);
  EXPECT_EQ(alerts_->book().standings.begin()->second.since, since);
  EXPECT_THAT(told_, SizeIs(1));
}

TEST_F(AlertsTest, TimeThatWasPendingCountsOverARestart) {
  figures_.waiting = {{"engine", 101}};
  pass(3 * kMinute);
  crash_and_start();
  pass(3 * kMinute);
  EXPECT_THAT(told_, SizeIs(1));
}

TEST_F(AlertsTest, AStoreThatIsAwayIsToldAllTheSameAndKeptLater) {
  flaky_.away = true;
  figures_.services_up["store"] = false;
  pass(2 * kMinute);
  EXPECT_THAT(received(), ElementsAre("HoldfastServiceDown firing"));
  EXPECT_FALSE(kept_.contains("alerts"));

  flaky_.away = false;
  pass(kMinute);
  EXPECT_TRUE(kept_.contains("alerts"));
}

TEST_F(AlertsTest, NothingIsWrittenWhileNothingChanges) {
  figures_.waiting = {{"engine", 50}};
  pass(10 * kMinute);
  EXPECT_FALSE(kept_.contains("alerts"));
}

TEST_F(AlertsTest, WhereThereIsNoWebhookAnyMoreNothingWaitsForIt) {
  receiver_.away = true;
  speech(false);
  pass(2 * kMinute);
  crash_and_start(false);
  pass(kMinute);

  EXPECT_TRUE(alerts_->book().waiting.empty());
  EXPECT_THAT(alerts_->book().recent, SizeIs(1));
}

TEST_F(AlertsTest, ADocumentThatCannotBeReadIsLeftOut) {
  stop();
  kept_["alerts"] = "{";
  start();

  EXPECT_THAT(log_.lines, ::testing::Contains(HasSubstr("alerts_unreadable")));
  EXPECT_TRUE(alerts_->book().recent.empty());
}

TEST(AlertDocument, TheFullestBookFitsIntoADocumentAndComesBack) {
  const std::string subject(50, 's');
  const alert::Moment now{.mono = MonoTime{kMinute}, .wall = WallTime{milliseconds{1'795'665'110'932}}};
  Book book{.dropped = 7};
  const std::string id = "alr_" + std::string(26, 'i');
  const Event event{id, "HoldfastModelFailureRateHigh", subject, false, now.wall, now.wall, 1.0 / 3};
  for (std::size_t i = 0; i < Book::kWaitingMax; ++i) note(book, event, true);
  for (std::size_t i = 0; i < Book::kStandingsMax; ++i)
    book.standings[{event.rule, subject + std::to_string(i)}] = {true, now.mono, now.wall, 1.0 / 3};

  const std::string text = write_alerts(book, now);
  const auto read = read_alerts(text, now);

  EXPECT_LE(text.size(), StateStore::kDocumentMax);
  ASSERT_TRUE(read);
  EXPECT_EQ(write_alerts(*read, now), text);
}

TEST(AlertDocument, ACalendarThatJumpedMakesNothingPendingForLongerThanItsRule) {
  const alert::Moment before{.mono = MonoTime{kMinute}, .wall = WallTime{kMinute * 1000}};
  Book book;
  book.standings[{"HoldfastQueueLong", "engine"}] = {false, before.mono, before.wall, 101};
  const std::string text = write_alerts(book, before);

  for (const milliseconds jump : {-kMinute * 500, kMinute * 500}) {
    const auto read = read_alerts(text, {.mono = before.mono, .wall = before.wall + jump});
    ASSERT_TRUE(read);
    const milliseconds held = before.mono - read->standings.begin()->second.began;
    EXPECT_GE(held, milliseconds{0});
    EXPECT_LE(held, 5 * kMinute);
  }
}

TEST(AlertDocument, WhatIsNoSuchDocumentIsRefused) {
  for (const char* bad : {"", "[]", "{}", R"({"dropped":0,"standings":[{}],"recent":[],"waiting":[]})",
                          R"({"dropped":0,"standings":[],"recent":[{"id":1}],"waiting":[]})",
                          R"({"dropped":-1,"standings":[],"recent":[],"waiting":[]})"}) {
    const auto read = read_alerts(bad, {});
    ASSERT_FALSE(read) << bad;
    EXPECT_EQ(read.error().error_class(), ErrorClass::corrupt);
  }
}

TEST(AlertNotice, SaysWhatItIsAndWhatToDo) {
  const Event event{"alr_1", "HoldfastQueueLong", "engine", true, WallTime{kMinute}, WallTime{}, 101};

  const auto body = boost::json::parse(notice_text(event, alert::sped_up(1), 2));

  EXPECT_EQ(body.at("type"), "holdfast.alert.firing");
  EXPECT_EQ(body.at("timestamp"), "1970-01-01T00:01:00.000Z");
  EXPECT_EQ(body.at("text"), "[medium] 101 items wait for engine.");
  EXPECT_EQ(body.at("what_to_do").as_string(), alert::find_rule("HoldfastQueueLong")->what_to_do);
  EXPECT_EQ(body.at("figures").at("value"), 101);
  EXPECT_EQ(body.at("dropped"), 2);
}

}  // namespace
}  // namespace holdfast::guard::testing
