#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>

#include "core/job/decide.hpp"
#include "flow/spool/spooled_store.hpp"
#include "sim/memory_store.hpp"
#include "sim/sim_spool.hpp"

namespace holdfast::sim {
namespace {

using spool::SpooledStore;

/// A spool that never fails, over what outlives it.
class PlainSpool final : public Spool {
 public:
  explicit PlainSpool(SpoolDisk& disk) : disk_{disk} {}
  Task<Result<std::vector<SpoolRecord>>> load() override {
    std::vector<SpoolRecord> all;
    for (const auto& [seq, bytes] : disk_.records) all.push_back({seq, bytes});
    co_return all;
  }
  Task<Result<std::uint64_t>> append(std::string bytes) override {
    if (full) co_return fail(ErrorClass::resource, "HF-STO-02", "full as well");
    disk_.records[disk_.next] = std::move(bytes);
    co_return disk_.next++;
  }
  Task<Result<void>> drop_through(std::uint64_t seq) override {
    if (keeps) co_return fail(ErrorClass::transient, "HF-STO-01", "not now");
    std::erase_if(disk_.records, [seq](const auto& record) { return record.first <= seq; });
    co_return Result<void>{};
  }
  bool full = false;
  bool keeps = false;

 private:
  SpoolDisk& disk_;
};

class SpooledStoreTest : public testing::Test {
 protected:
  SpooledStoreTest() {
    ledger_.now = [this] { return clock_.wall_now(); };
    restart();
  }

  template <class T>
  T run(Task<T> task) {
    std::optional<T> answer;
    asio::co_spawn(io_, std::move(task), [&answer](std::exception_ptr, T value) { answer = std::move(value); });
    while (!answer) {
      io_.restart();
      if (io_.poll() == 0) timeline_.wake_one(timeline_.next());
    }
    return *std::move(answer);
  }
  /// As after kill -9.
  void restart() {
    spool_ = std::make_unique<PlainSpool>(disk_);
    spooled_ = std::make_unique<SpooledStore>(SpooledStore::Deps{.store = store_, .spool = *spool_, .clock = clock_});
    EXPECT_TRUE(run(spooled_->load()));
  }
  void refuse(ErrorClass as = ErrorClass::resource) {
    faults_.refuses_until = MonoTime::max();
    faults_.refuses_as = as;
  }
  void take_again() { faults_.refuses_until = MonoTime{}; }

  static Transition created(const std::string& id, const std::string& key = "") {
    Transition made;
    made.after = {.id = ItemId{id},
                  .job_key = key.empty() ? id : key,
                  .fingerprint = "print of " + (key.empty() ? id : key),
                  .owner = "ana",
                  .recipe = "sim",
                  .version = 1};
    made.after.stages = {{.name = "convert", .kind = "convert", .bulkhead = "media"},
                         {.name = "stt", .kind = "transcribe", .bulkhead = "engine"}};
    made.audit.push_back({.type = "job.created"});
    return made;
  }
  Result<Enqueued> enqueue(Transition made) { return run(spooled_->enqueue(std::move(made))); }
  Job claimed() {
    EXPECT_TRUE(enqueue(created("itm_work")));
    return ledger_.claim({.bulkhead = "media", .node = NodeId{"node"}}).at(0);
  }
  Result<Job> settle(const Job& job) {
    const Decide done = [](const Job& stored, WallTime now) {
      return decide::succeed(stored, {.output = R"({"made":1})"}, now);
    };
    return run(spooled_->update_leased(job.id, job.fence, done));
  }
  [[nodiscard]] std::vector<std::string> stored() const {
    std::vector<std::string> ids;
    for (const Job& job : ledger_.list({.limit = 200})) ids.push_back(job.id.text());
    return ids;
  }

  asio::io_context io_{1};
  Timeline timeline_{1};
  SimClock clock_{io_, timeline_, 0};
  Rng rng_{1};
  StoreFaults faults_;
  MemoryLedger ledger_;
  MemoryStore store_{ledger_, clock_, rng_, faults_};
  SpoolDisk disk_;
  std::unique_ptr<PlainSpool> spool_;
  std::unique_ptr<SpooledStore> spooled_;
};

using Ids = std::vector<std::string>;

TEST_F(SpooledStoreTest, WhatTheStoreTakesNeverSeesTheSpool) {
  ASSERT_TRUE(enqueue(created("itm_1"))->created);
  EXPECT_TRUE(disk_.records.empty());
  EXPECT_EQ(stored(), Ids{"itm_1"});
}

TEST_F(SpooledStoreTest, FG_11_UploadsAreKeptInEachKindOfRefusalAndRecordedInTheirOrderAfterARestart) {
  unsigned number = 0;
  using enum ErrorClass;
  for (const ErrorClass as : {transient, resource, corrupt, dependency}) {
    refuse(as);
    for (int i = 0; i < 2; ++i) {
      const auto answer = enqueue(created("itm_" + std::to_string(++number)));
      ASSERT_TRUE(answer) << answer.error().what();
      EXPECT_TRUE(answer->created);
      EXPECT_EQ(answer->job.held_for, "HF-SPL-01");
    }
    EXPECT_FALSE(run(spooled_->flush()));
    restart();
  }
  EXPECT_TRUE(stored().empty());
  take_again();
  ASSERT_TRUE(run(spooled_->flush()));
  EXPECT_EQ(stored(), (Ids{"itm_8", "itm_7", "itm_6", "itm_5", "itm_4", "itm_3", "itm_2", "itm_1"}));
  EXPECT_EQ(ledger_.find(ItemId{"itm_1"})->held_for, "");
  EXPECT_TRUE(disk_.records.empty());
  EXPECT_EQ(spooled_->standing().flushed, 8U);
}

TEST_F(SpooledStoreTest, FG_11_WhatIsInTheSpoolIsCountedWithWhatTheStoreHasOnceForEachQueue) {
  ASSERT_TRUE(enqueue(created("itm_1")));
  refuse();
  for (const char* id : {"itm_2", "itm_3"}) ASSERT_TRUE(enqueue(created(id)));
  const auto counts = run(spooled_->counts());
  ASSERT_TRUE(counts);
  ASSERT_EQ(counts->size(), 1U) << "whoever shows them shows a queue once";
  EXPECT_EQ(counts->front().bulkhead, "media");
  EXPECT_EQ(counts->front().jobs, 3U);
  EXPECT_TRUE(run(spooled_->active_owners())->contains("ana"));
}

TEST_F(SpooledStoreTest, FG_11_WhatIsInTheSpoolIsFoundAndListedBeforeWhatTheStoreHas) {
  ASSERT_TRUE(enqueue(created("itm_1")));
  refuse();
  ASSERT_TRUE(enqueue(created("itm_2", "late")));
  ASSERT_TRUE(enqueue(created("itm_3")));

  EXPECT_EQ((*run(spooled_->find(ItemId{"itm_2"})))->held_for, "HF-SPL-01");
  EXPECT_EQ((*run(spooled_->record(ItemId{"itm_3"})))->job.id.text(), "itm_3");
  EXPECT_EQ((*run(spooled_->find_key("ana", "late")))->id.text(), "itm_2");
  const auto page = [this](const std::string& before, unsigned limit, std::optional<std::string> owner = {}) {
    Query query{.owner = std::move(owner), .before = ItemId{before}, .limit = limit};
    Ids ids;
    for (const Job& job : *run(spooled_->list(std::move(query)))) ids.push_back(job.id.text());
    return ids;
  };
  EXPECT_EQ(page("", 10), (Ids{"itm_3", "itm_2", "itm_1"}));
  EXPECT_EQ(page("", 2), (Ids{"itm_3", "itm_2"}));
  EXPECT_EQ(page("itm_3", 10), (Ids{"itm_2", "itm_1"}));
  EXPECT_EQ(page("itm_2", 10), (Ids{"itm_1"}));
  EXPECT_EQ(page("itm_1", 10), Ids{});
  EXPECT_EQ(page("", 10, "ben"), Ids{});
}

TEST_F(SpooledStoreTest, FG_11_AKeyIsOneItemWhetherTheStoreOrTheSpoolHasIt) {
  ASSERT_TRUE(enqueue(created("itm_1", "early")));
  refuse();
  ASSERT_TRUE(enqueue(created("itm_2", "late")));
  for (const auto& [key, id] : {std::pair{"early", "itm_1"}, {"late", "itm_2"}}) {
    const auto again = enqueue(created("itm_9", key));
    ASSERT_TRUE(again);
    EXPECT_FALSE(again->created);
    EXPECT_EQ(again->job.id.text(), id);
    Transition other = created("itm_9", key);
    other.after.fingerprint = "another";
    EXPECT_EQ(enqueue(std::move(other)).error().code(), "HF-IDM-01");
  }
  EXPECT_EQ(disk_.records.size(), 1U);
}

TEST_F(SpooledStoreTest, FG_11_ARecordThatTheStoreHasAlreadyChangesNothingHoweverOftenItComesBack) {
  refuse();
  ASSERT_TRUE(enqueue(created("itm_1")));
  take_again();
  spool_->keeps = true;
  EXPECT_FALSE(run(spooled_->flush()));
  EXPECT_TRUE(spooled_->waiting()) << "nothing else is written before the spool is known to be empty";
  for (int life = 0; life < 3; ++life) {
    restart();
    spool_->keeps = life < 2;
    EXPECT_EQ(run(spooled_->flush()).has_value(), life == 2);
    EXPECT_EQ(spooled_->standing().repeated, 1U);
  }
  EXPECT_EQ(stored(), Ids{"itm_1"});
  EXPECT_EQ(ledger_.audit(ItemId{"itm_1"}).size(), 1U);
}

TEST_F(SpooledStoreTest, FG_11_AKeyThatSomebodyElseUsedMeanwhileCostsTheKeyAndNotTheItem) {
  refuse();
  ASSERT_TRUE(enqueue(created("itm_1", "key")));
  ASSERT_TRUE(ledger_.enqueue(created("itm_2", "key")));
  take_again();
  ASSERT_TRUE(run(spooled_->flush()));
  EXPECT_EQ(stored(), (Ids{"itm_2", "itm_1"}));
  EXPECT_EQ(ledger_.find(ItemId{"itm_1"})->job_key, "itm_1");
}

TEST_F(SpooledStoreTest, FG_11_ACalendarThatWasSetBackMeanwhileMakesNothingWait) {
  refuse();
  Transition late = created("itm_1");
  late.after.ready_at = late.after.updated_at = clock_.wall_now() + std::chrono::hours{24};
  ASSERT_TRUE(enqueue(std::move(late)));
  take_again();
  ASSERT_TRUE(run(spooled_->flush()));
  EXPECT_EQ(ledger_.claim({.bulkhead = "media", .node = NodeId{"node"}}).size(), 1U);
}

TEST_F(SpooledStoreTest, FG_11_NothingElseIsWrittenWhileSomethingWaits) {
  const Job job = claimed();
  refuse();
  ASSERT_TRUE(enqueue(created("itm_1")));
  take_again();
  const auto refused = [](const auto& answer) { return !answer && answer.error().code() == "HF-STO-01"; };
  ClaimRequest claim{.bulkhead = "media", .node = NodeId{"node"}};
  const Decide cancel = [](const Job& stored, WallTime now) { return decide::request_cancel(stored, now); };
  EXPECT_TRUE(refused(run(spooled_->claim(claim))));
  EXPECT_TRUE(refused(run(spooled_->update(job.id, cancel))));
  EXPECT_TRUE(refused(run(spooled_->extend(job.id, job.fence, milliseconds{1'000}))));
  EXPECT_TRUE(refused(run(spooled_->checkpoint(job.id, job.fence, {}))));
  EXPECT_TRUE(refused(run(spooled_->delivered({1}))));
  ASSERT_TRUE(enqueue(created("itm_2")));
  EXPECT_EQ(stored(), Ids{"itm_work"}) << "what comes later waits behind it";
  ASSERT_TRUE(run(spooled_->flush()));
  EXPECT_EQ(run(spooled_->claim(claim))->size(), 1U);
}

TEST_F(SpooledStoreTest, FG_11_AFinishedStageIsKeptAndOnlyThatAndSettledAfterARestart) {
  const Job job = claimed();
  refuse();
  const Decide give_back = [](const Job& stored, WallTime now) { return decide::give_back(stored, now); };
  EXPECT_FALSE(run(spooled_->update_leased(job.id, job.fence, give_back)));
  EXPECT_TRUE(disk_.records.empty()) << "nothing is lost with it";
  const auto settled = settle(job);
  ASSERT_TRUE(settled);
  EXPECT_EQ(settled->status, JobStatus::processing) << "nothing that it was made of may be thrown away yet";
  ASSERT_TRUE(settle(job)) << "asked again, as after a lost answer";
  EXPECT_EQ(disk_.records.size(), 1U);
  restart();
  take_again();
  ASSERT_TRUE(run(spooled_->flush()));
  const Job after = *ledger_.find(job.id);
  EXPECT_EQ(after.status, JobStatus::pending);
  EXPECT_EQ(after.stages[0].state, StageState::completed);
  EXPECT_EQ(after.stages[0].output, R"({"made":1})");
}

TEST_F(SpooledStoreTest, FG_11_ASettlementOfALeaseThatIsOverIsRejectedAndCounted) {
  const Job job = claimed();
  refuse();
  ASSERT_TRUE(settle(job));
  const Decide interrupt = [](const Job& stored, WallTime now) { return decide::interrupt(stored, {}, now); };
  ASSERT_TRUE(ledger_.update(job.id, interrupt));
  const Job other = ledger_.claim({.bulkhead = "media", .node = NodeId{"other"}}).at(0);
  take_again();
  ASSERT_TRUE(run(spooled_->flush()));
  EXPECT_EQ(ledger_.find(job.id)->fence, other.fence);
  EXPECT_EQ(ledger_.find(job.id)->stages[0].state, StageState::processing);
  EXPECT_EQ(spooled_->standing().rejected, 1U);
  EXPECT_TRUE(disk_.records.empty());
}

TEST_F(SpooledStoreTest, FG_11_WithoutRoomForTheSpoolNothingIsPromised) {
  refuse();
  spool_->full = true;
  EXPECT_EQ(enqueue(created("itm_1")).error().code(), "HF-STO-02");
  EXPECT_FALSE(spooled_->waiting());
  spool_->full = false;
  EXPECT_TRUE(enqueue(created("itm_1"))->created) << "its key was not used up";
}

TEST_F(SpooledStoreTest, FG_11_AKeyThatCannotBeLookedUpIsNotPromised) {
  refuse();
  faults_.away_until = MonoTime::max();
  EXPECT_FALSE(enqueue(created("itm_1", "key")));
  EXPECT_TRUE(enqueue(created("itm_2"))->created) << "an item whose key is its own id can be nobody else's";
}

}  // namespace
}  // namespace holdfast::sim
