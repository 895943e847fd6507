#include "flow/similar/recall.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "async/task_group.hpp"
#include "core/job/decide.hpp"
#include "sim/memory_sessions.hpp"
#include "sim/memory_vectors.hpp"
#include "sim/sim_clock.hpp"
#include "sim/word_embedder.hpp"
#include "tests/contract/job_store_samples.hpp"

namespace holdfast::similar {
namespace {

/// Answers as WordEmbedder does, as late as it is told.
class LateEmbedder final : public Embedder {
 public:
  explicit LateEmbedder(Clock& clock) : clock_{clock} {}
  Task<Result<Embeddings>> embed(std::vector<std::string> texts) override {
    ++asked;
    texts_asked += texts.size();
    if (takes > milliseconds{0}) HF_CO_TRY_VOID(co_await clock_.sleep_until(clock_.mono_now() + takes));
    auto embedding = words.embed(std::move(texts));
    co_return co_await std::move(embedding);
  }
  WordEmbedder words;
  milliseconds takes{0};
  int asked = 0;
  std::size_t texts_asked = 0;

 private:
  Clock& clock_;
};

class RecallTest : public testing::Test {
 protected:
  RecallTest() {
    ledger_.now = [] { return contract::kNow; };
  }
  /// A session whose stage "stt" has made these memories, told as the engine tells it.
  ItemId remember(unsigned n, const std::vector<std::string>& texts, const std::string& owner = "ada") {
    Job job = contract::sample_job(n);
    job.owner = owner;
    Transition change = contract::created(job);
    change.session_at = contract::kStart;
    const ItemId id = ledger_.enqueue(std::move(change))->job.id;
    const Job leased = ledger_.claim(contract::claim_request()).at(0);
    EXPECT_TRUE(ledger_.checkpoint(id, leased.fence, contract::sample_checkpoint(0, 3)));
    std::vector<Extraction> made;
    for (const std::string& text : texts) made.push_back({.text = text, .segments = {1}, .confidence = 1});
    if (also_to_be_done) made.push_back({.kind = ExtractionKind::action, .text = texts.at(0), .segments = {1}});
    const Decide publishing = [made](const Job& now_stored, WallTime now) {
      decide::StageOutcome outcome;
      outcome.publish.push_back({.name = "memories", .json = "{}", .extractions = made});
      return decide::succeed(now_stored, std::move(outcome), now);
    };
    EXPECT_TRUE(ledger_.update_leased(id, leased.fence, publishing));
    tell(id, "stage.completed");
    return id;
  }
  void tell(const ItemId& id, const std::string& type) { hub_.publish({.item = id, .owner = "ada", .type = type}); }

  void begin() { group_.spawn(remembered_.run()); }
  /// Lets everything happen that is due within so long.
  void pass(milliseconds time) {
    const MonoTime until = timeline_.now() + time;
    do {
      io_.restart();
      while (io_.poll() > 0) io_.restart();
    } while (timeline_.wake_one(until));
  }
  template <class T>
  T run(Task<T> task) {
    std::optional<T> answer;
    asio::co_spawn(io_, std::move(task), [&answer](std::exception_ptr bug, T value) {
      if (!bug) answer = std::move(value);
    });
    while (!answer) {
      io_.restart();
      while (io_.poll() > 0) io_.restart();
      if (!answer) timeline_.wake_one(timeline_.next());
    }
    return std::move(*answer);
  }
  Result<Recall> look(const std::string& text, const std::string& owner = "ada", unsigned limit = 20) {
    return run(recall({sessions_, &remembered_, clock_}, {.owner = owner, .text = text, .limit = limit}));
  }
  /// "text (words meaning)", one after the other.
  std::string found(const std::string& text, const std::string& owner = "ada") {
    const auto made = look(text, owner);
    if (!made) return made.error().code();
    std::string all;
    for (const Recalled& one : made->found) {
      all += (one.extraction ? one.extraction->stored.made.text : one.said->text) + (one.by_words ? " words" : "") +
             (one.by_meaning ? " meaning" : "") + "; ";
    }
    return all + (made->degraded ? made->degraded->code() : "");
  }
  std::size_t vectors_kept() { return ledger_.vectors({.space = std::string{kMemorySpace}, .model = model_}).size(); }
  ~RecallTest() override {
    remembered_.stop();
    asio::co_spawn(io_, group_.stop(milliseconds{1}), [](std::exception_ptr) {});
    pass(milliseconds{10});
  }

  asio::io_context io_{1};
  sim::Timeline timeline_{1};
  sim::SimClock clock_{io_, timeline_, 0};
  sim::MemoryLedger ledger_;
  sim::MemorySessions sessions_{ledger_};
  sim::MemoryVectors vectors_{ledger_};
  LateEmbedder embedder_{clock_};
  Shelf shelf_{{vectors_, embedder_, [] { return std::make_unique<PlainIndex>(); }}};
  views::EventHub hub_{clock_};
  Remembered remembered_{{sessions_, shelf_, hub_, clock_}};
  TaskGroup group_{io_.get_executor(), clock_};
  std::string model_ = "words";
  bool also_to_be_done = false;  ///< the first memory of each session is an action item as well
};

TEST_F(RecallTest, FR_9_WordsAndMeaningsAreOneRankingAndWhatBothFindComesFirst) {
  remember(1, {"the rose grows", "a bed of roses", "musk costs much"});
  begin();
  pass(milliseconds{2'000});
  ASSERT_EQ(vectors_kept(), 3U);

  EXPECT_EQ(found("rose"), "the rose grows words meaning; a bed of roses meaning; ");
  EXPECT_EQ(found("musk segment"), "musk costs much words meaning; segment 2 words; segment 0 words; ")
      << "segment 1 is where it was said, and is not told beside it";
  const auto made = look("rose");
  EXPECT_NEAR(made->found[0].similarity, 1.0, 1e-3);
  EXPECT_GT(made->found[0].score, made->found[1].score);
  EXPECT_EQ(made->found[0].extraction->start_ms, 1'000);
  EXPECT_FALSE(made->degraded);
  EXPECT_EQ(look("rose", "ada", 1)->found.size(), 1U);
}

TEST_F(RecallTest, FR_9_WhatIsRememberedAndToBeDoneInTheSameWordsIsToldOnce) {
  also_to_be_done = true;
  remember(1, {"the rose grows", "a bed of roses"});
  begin();
  pass(milliseconds{2'000});

  EXPECT_EQ(found("rose"), "the rose grows words meaning; a bed of roses meaning; ");
  EXPECT_EQ(look("rose")->found[0].extraction->stored.made.kind, ExtractionKind::action);
}

TEST_F(RecallTest, FR_9_WithoutTheModelWordsAreEnoughAndItSaysSo) {
  remember(1, {"the rose grows", "a bed of roses"});
  begin();
  pass(milliseconds{2'000});

  embedder_.words.down = true;
  EXPECT_EQ(found("rose"), "the rose grows words; HF-EMB-05");
  embedder_.words.down = false;
  embedder_.takes = kMeaningWait * 2;
  const MonoTime before = timeline_.now();
  EXPECT_EQ(found("rose"), "the rose grows words; HF-EMB-01") << "it comes too late";
  EXPECT_EQ(timeline_.now() - before, kMeaningWait);
  const auto alone = run(recall({sessions_, nullptr, clock_}, {.owner = "ada", .text = "rose"}));
  EXPECT_EQ(alone->degraded->code(), "HF-EMB-05");
  EXPECT_EQ(alone->found.size(), 1U);
}

TEST_F(RecallTest, FR_9_NobodyFindsWhatIsSomebodyElsesByMeaningEither) {
  remember(1, {"the rose grows"});
  remember(2, {"a bed of roses"}, "eve");
  begin();
  pass(milliseconds{5'000});
  ASSERT_EQ(vectors_kept(), 2U);

  EXPECT_EQ(found("rose"), "the rose grows words meaning; ");
  EXPECT_EQ(found("rose", "eve"), "a bed of roses meaning; ");
  EXPECT_EQ(found("rose", "nobody"), "");
  EXPECT_EQ(found("rose", ""), "") << "an empty name is nobody, and not all";
}

TEST_F(RecallTest, FR_9_ARequestWithoutAWordIsRefused) {
  EXPECT_EQ(found(""), "HF-REQ-01");
  EXPECT_EQ(found(" \" * ( "), "HF-REQ-01");
  EXPECT_EQ(embedder_.asked, 0);
}

TEST_F(RecallTest, FR_9_WhatWasMadeBeforeTheModelWasThereGetsItsVectorLater) {
  embedder_.words.down = true;
  remember(1, {"the rose grows"});
  begin();
  pass(milliseconds{60'000});
  EXPECT_EQ(vectors_kept(), 0U);
  EXPECT_GE(embedder_.asked, 2) << "it is tried again";
  const int tried = embedder_.asked;
  pass(std::chrono::hours{1});
  EXPECT_LE(embedder_.asked, tried + 12) << "with longer and longer pauses";

  embedder_.words.down = false;
  pass(Remembered::kRetryLast);

  EXPECT_EQ(vectors_kept(), 1U);
  const int enough = embedder_.asked;
  pass(std::chrono::hours{5});
  EXPECT_EQ(embedder_.asked, enough) << "nothing is made twice";
  remember(2, {"fig and rose"});
  pass(Remembered::kLookApart);
  EXPECT_EQ(vectors_kept(), 2U);
}

TEST_F(RecallTest, FR_9_ManyAreMadeInPortionsAndEachOnce) {
  std::vector<std::string> many;
  for (int n = 0; n < 150; ++n) many.push_back("rose " + std::to_string(n));
  remember(1, many);
  remember(2, {"fig"});
  begin();

  pass(milliseconds{2'000});

  EXPECT_EQ(vectors_kept(), 151U);
  EXPECT_EQ(embedder_.texts_asked, 151U);
  EXPECT_EQ(embedder_.asked, 4);
}

TEST_F(RecallTest, FR_9_AnotherModelMakesAllVectorsAnew) {
  remember(1, {"the rose grows"});
  begin();
  pass(milliseconds{2'000});
  ASSERT_EQ(vectors_kept(), 1U);

  embedder_.words.model = model_ = "others";
  EXPECT_EQ(vectors_kept(), 0U);
  EXPECT_EQ(found("roses"), "") << "of the model before nothing can be compared";
  pass(milliseconds{5'000});

  EXPECT_EQ(vectors_kept(), 1U);
  EXPECT_EQ(found("roses"), "the rose grows meaning; ");
}

TEST_F(RecallTest, FR_9_WhatIsGoneIsTakenOutOfMemoryAsWell) {
  const ItemId first = remember(1, {"the rose grows"});
  remember(2, {"a rose again"});
  begin();
  pass(milliseconds{5'000});
  const auto held = [&] {
    const auto near = run(shelf_.nearest({.space = std::string{kMemorySpace}, .owner = "ada"}, "rose", 10, 0.5));
    return near->size();
  };
  ASSERT_EQ(held(), 2U);

  const auto again = ledger_.update(first, [](const Job& job, WallTime now) { return decide::retry(job, "stt", now); });
  ASSERT_TRUE(again) << again.error().what();
  EXPECT_EQ(held(), 2U) << "of this nobody has told";
  EXPECT_EQ(found("rose"), "a rose again words meaning; ") << "and still it is not found";
  tell(first, "job.retry_requested");
  pass(milliseconds{10});

  EXPECT_EQ(held(), 1U);
}

}  // namespace
}  // namespace holdfast::similar
