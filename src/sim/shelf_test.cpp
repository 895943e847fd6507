#include "flow/similar/shelf.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include "core/job/decide.hpp"
#include "sim/memory_vectors.hpp"
#include "sim/word_embedder.hpp"
#include "tests/contract/job_store_samples.hpp"

namespace holdfast::similar {
namespace {

class ShelfTest : public testing::Test {
 protected:
  ShelfTest() {
    ledger_.now = [] { return contract::kNow; };
  }
  template <class T>
  T run(Task<T> task) {
    asio::io_context io;
    auto result = asio::co_spawn(io, std::move(task), asio::use_future);
    io.run();
    return result.get();
  }
  /// An item whose stage "stt" has a result.
  ItemId item(unsigned n, const std::string& owner = "ada") {
    Job job = contract::sample_job(n);
    job.owner = owner;
    const ItemId id = ledger_.enqueue(contract::created(job))->job.id;
    const auto leased = ledger_.claim(contract::claim_request());
    EXPECT_TRUE(ledger_.update_leased(id, leased.at(0).fence, contract::succeeding()));
    return id;
  }
  Result<void> put(const ItemId& id, const std::string& text, const std::string& subject = "request") {
    return run(shelf_.put({.item = id, .space = "brief", .stage = "stt", .subject = subject, .text = text}));
  }
  std::vector<std::string> nearest(const std::string& text, double least = 0.5, const std::string& owner = "ada") {
    const auto found = run(shelf_.nearest({.space = "brief", .owner = owner}, text, 10, least));
    std::vector<std::string> items;
    if (!found) return {found.error().code()};
    for (const Found& one : *found) items.push_back(one.item.text());
    last_ = found->empty() ? Found{} : found->front();
    return items;
  }
  static std::string name(unsigned n) { return contract::item_id(n).text(); }

  sim::MemoryLedger ledger_;
  sim::MemoryVectors vectors_{ledger_};
  WordEmbedder embedder_;
  unsigned made_ = 0;
  Shelf shelf_{{vectors_, embedder_, [this] {
                  ++made_;
                  return std::make_unique<PlainIndex>();
                }}};
  Found last_;
};

TEST_F(ShelfTest, FG_3_WhatIsLikeATextIsFoundTheNearestFirstAndOfItsOwnerAlone) {
  ASSERT_TRUE(put(item(1), "rose and musk"));
  ASSERT_TRUE(put(item(2), "rose"));
  ASSERT_TRUE(put(item(3), "fig"));
  ASSERT_TRUE(put(item(4, "eve"), "rose"));

  EXPECT_EQ(nearest("a rose"), (std::vector{name(2), name(1)}));
  EXPECT_NEAR(last_.similarity, 1.0, 1e-3);
  EXPECT_EQ(last_.stage + " " + last_.subject, "stt request");
  EXPECT_EQ(last_.made_at, contract::kNow);
  EXPECT_EQ(nearest("a rose", 0.9), (std::vector{name(2)}));
  EXPECT_EQ(nearest("a rose", 0.9, "eve"), (std::vector{name(4)}));
  EXPECT_EQ(nearest("a rose", 0.9, ""), (std::vector{name(2), name(4)}));
}

TEST_F(ShelfTest, FG_3_WhatIsPutLaterIsFoundAndWhatReplacesSomethingStandsForIt) {
  const ItemId first = item(1);
  ASSERT_TRUE(put(first, "rose"));
  EXPECT_EQ(nearest("rose").size(), 1U);

  ASSERT_TRUE(put(item(2), "rose"));
  EXPECT_EQ(nearest("rose"), (std::vector{name(1), name(2)}));
  ASSERT_TRUE(put(first, "fig"));

  EXPECT_EQ(nearest("rose"), (std::vector{name(2)}));
  EXPECT_EQ(nearest("fig"), (std::vector{name(1)}));
  EXPECT_EQ(made_, 1U) << "what is in memory was taken in once";
}

TEST_F(ShelfTest, FG_3_WhatIsGoneIsNotFoundAgainOnceSomebodySaysSo) {
  ASSERT_TRUE(put(item(1), "rose"));
  ASSERT_EQ(nearest("rose").size(), 1U);

  shelf_.forget({.space = "brief", .owner = "ada"}, last_.id);

  EXPECT_TRUE(nearest("rose").empty());
  EXPECT_EQ(put(contract::item_id(99), "rose").error().code(), "HF-ITM-06");
}

TEST_F(ShelfTest, FG_3_AnotherModelFindsNothingOfTheOneBefore) {
  ASSERT_TRUE(put(item(1), "rose"));
  ASSERT_EQ(nearest("rose").size(), 1U);
  embedder_.model = "others";
  EXPECT_TRUE(nearest("rose").empty());
  embedder_.model = "words";
  EXPECT_EQ(nearest("rose").size(), 1U);
}

TEST_F(ShelfTest, FG_3_WithoutTheModelItSaysSo) {
  ASSERT_TRUE(put(item(1), "rose"));
  embedder_.down = true;
  EXPECT_EQ(nearest("rose"), (std::vector<std::string>{"HF-EMB-05"}));
  EXPECT_EQ(put(item(2), "rose").error().code(), "HF-EMB-05");
}

TEST_F(ShelfTest, OnlySoManyPlacesAreHeldAndOfALongTextOnlyTheBeginningIsRead) {
  for (std::size_t n = 0; n <= Shelf::kPlacesMax; ++n) (void)nearest("rose", 0.5, "owner " + std::to_string(n));
  EXPECT_EQ(made_, Shelf::kPlacesMax + 1);
  (void)nearest("rose", 0.5, "owner 0");
  EXPECT_EQ(made_, Shelf::kPlacesMax + 2) << "the one that was not asked for longest had gone";

  std::string text = "roses";
  for (std::size_t n = 0; n < kTextBytesMax; ++n) text += "\u00e9";
  ASSERT_TRUE(put(item(1), text));
  EXPECT_EQ(embedder_.longest, kTextBytesMax - 1) << "two bytes a letter behind five: no letter is cut in two";
}

}  // namespace
}  // namespace holdfast::similar
