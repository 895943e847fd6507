#pragma once

#include <string>
#include <vector>

#include "ports/vector_store.hpp"
#include "tests/contract/retention_store_contract.hpp"

namespace holdfast::contract {

inline NewVector sample_vector(std::string subject, std::vector<similar::Half> vector = {0x3c00, 0x0001, 0xbfff}) {
  return {.space = "brief",
          .stage = "stt",
          .subject = std::move(subject),
          .model = "minilm",
          .text_sha256 = std::string(64, 'a'),
          .vector = std::move(vector)};
}

/// What every VectorStore promises beside a JobStore over the same rows. A Backend is that of RetentionStoreContract, and
/// has `VectorStore& vectors()`.
template <class Backend>
class VectorStoreContract : public RetentionStoreContract<Backend> {
 protected:
  VectorStore& vectors() { return this->backend().vectors(); }
  bool put(const ItemId& item, std::vector<NewVector> made) {
    return this->run(vectors().put(item, std::move(made))).has_value();
  }
  std::vector<StoredVector> load(VectorQuery query) { return this->value(vectors().load(std::move(query))); }
  std::vector<StoredVector> briefs() { return load({.space = "brief", .model = "minilm"}); }
  std::vector<std::string> subjects(VectorQuery query) {
    std::vector<std::string> found;
    for (const StoredVector& one : load(std::move(query))) found.push_back(one.made.subject);
    return found;
  }
  /// A job whose stage "stt" has a result.
  Job with_result(unsigned n, const std::string& owner = "ada") {
    Job job = sample_job(n);
    job.owner = owner;
    this->add(std::move(job));
    const Job working = this->claim(claim_request()).at(0);
    return this->settle(working, succeeding());
  }
};
TYPED_TEST_SUITE_P(VectorStoreContract);

TYPED_TEST_P(VectorStoreContract, FG_3_AVectorIsKeptBitForBitWithWhatItStandsFor) {
  const Job job = this->with_result(1);
  NewVector hostile = sample_vector(hostile_text());
  hostile.text_sha256 = "";
  hostile.vector.clear();
  for (unsigned bits = 0; bits < similar::Half(2048); ++bits) hostile.vector.push_back(static_cast<similar::Half>(bits * 31));
  ASSERT_TRUE(this->put(job.id, {sample_vector("request"), hostile}));

  this->reopen();

  const auto kept = this->briefs();
  ASSERT_EQ(kept.size(), 2U);
  EXPECT_EQ(kept[0].item, job.id);
  EXPECT_EQ(kept[0].owner, "ada");
  EXPECT_EQ(kept[0].made_at, kNow);
  EXPECT_EQ(kept[0].made.stage, "stt");
  EXPECT_EQ(kept[0].made.subject, "request");
  EXPECT_EQ(kept[0].made.text_sha256, std::string(64, 'a'));
  EXPECT_EQ(kept[0].made.vector, sample_vector("").vector);
  EXPECT_EQ(kept[1].made.subject, hostile_text());
  EXPECT_EQ(kept[1].made.vector, hostile.vector);
  EXPECT_LT(kept[0].id, kept[1].id);
  EXPECT_TRUE(this->value(this->store().check()).empty());
}

TYPED_TEST_P(VectorStoreContract, FG_3_VectorsComePageByPageOfOneSpaceModelAndOwner) {
  const Job ada = this->with_result(1);
  const Job eve = this->with_result(2, "eve");
  NewVector memory = sample_vector("m");
  memory.space = "memory";
  NewVector of_another_model = sample_vector("o");
  of_another_model.model = "large";
  ASSERT_TRUE(this->put(ada.id, {sample_vector("a"), memory, of_another_model, sample_vector("b")}));
  ASSERT_TRUE(this->put(eve.id, {sample_vector("c")}));

  EXPECT_EQ(this->subjects({.space = "brief", .model = "minilm"}), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(this->subjects({.space = "brief", .model = "minilm", .owner = "ada"}), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(this->subjects({.space = "brief", .model = "minilm", .owner = "nobody"}).size(), 0U);
  EXPECT_EQ(this->subjects({.space = "memory", .model = "minilm"}), (std::vector<std::string>{"m"}));
  EXPECT_EQ(this->subjects({.space = "brief", .model = "large"}), (std::vector<std::string>{"o"}));
  const auto first = this->load({.space = "brief", .model = "minilm", .limit = 2});
  ASSERT_EQ(first.size(), 2U);
  EXPECT_EQ(this->subjects({.space = "brief", .model = "minilm", .after = first[1].id, .limit = 2}),
            (std::vector<std::string>{"c"}));
}

TYPED_TEST_P(VectorStoreContract, ANewVectorOfTheSameSubjectTakesThePlaceOfTheOldOne) {
  const Job job = this->with_result(1);
  ASSERT_TRUE(this->put(job.id, {sample_vector("request"), sample_vector("other")}));
  const auto before = this->briefs();

  ASSERT_TRUE(this->put(job.id, {sample_vector("request", {0x3c00})}));

  const auto after = this->briefs();
  ASSERT_EQ(after.size(), 2U);
  EXPECT_EQ(after[0].id, before[1].id);
  EXPECT_GT(after[1].id, before[1].id) << "so that whoever reads on after the last id sees it";
  EXPECT_EQ(after[1].made.vector, (std::vector<similar::Half>{0x3c00}));
}

TYPED_TEST_P(VectorStoreContract, FG_3_NothingIsKeptOfAResultThatIsNotThere) {
  const Job done = this->with_result(1);
  const Job waiting = this->add(2);
  NewVector elsewhere = sample_vector("b");
  elsewhere.stage = "rating";

  EXPECT_EQ(this->refusal(this->vectors().put(item_id(99), {sample_vector("a")})), this->unknown_item());
  EXPECT_EQ(this->refusal(this->vectors().put(waiting.id, {sample_vector("a")})), this->unknown_item());
  EXPECT_EQ(this->refusal(this->vectors().put(done.id, {sample_vector("a"), elsewhere})), this->unknown_item());
  EXPECT_TRUE(this->briefs().empty()) << "all of them or none";
}

TYPED_TEST_P(VectorStoreContract, WhatIsTooMuchIsRefused) {
  const Job job = this->with_result(1);
  const auto too_much = this->error_text(ErrorClass::invalid, "HF-REQ-02");

  EXPECT_EQ(this->refusal(this->vectors().put(job.id, {sample_vector("a", {})})), too_much);
  EXPECT_EQ(this->refusal(this->vectors().put(job.id, {sample_vector("a", std::vector<similar::Half>(4097, 1))})),
            too_much);
  EXPECT_EQ(this->refusal(this->vectors().put(job.id, std::vector<NewVector>(1001, sample_vector("a")))), too_much);
  EXPECT_TRUE(this->briefs().empty());
}

TYPED_TEST_P(VectorStoreContract, FG_3_ARetryOfTheStageTakesItsVectorsAlong) {
  const Job job = this->with_result(1);
  ASSERT_TRUE(this->put(job.id, {sample_vector("a")}));
  const auto rating = this->claim(claim_request("llm"));
  const Job done =
      this->settle(rating.at(0), [](const Job& last, WallTime now) { return decide::succeed(last, {}, now); });

  this->update(done.id, [](const Job& over, WallTime now) { return decide::retry(over, "stt", now); });
  EXPECT_TRUE(this->briefs().empty());

  const Job again = this->claim(claim_request()).at(0);
  this->settle(again, succeeding());
  EXPECT_TRUE(this->briefs().empty());
  EXPECT_TRUE(this->put(job.id, {sample_vector("a")}));
}

TYPED_TEST_P(VectorStoreContract, FG_3_WhatExpiresOrIsRemovedTakesItsVectorsAlong) {
  const Job expired = this->completed(1, kNow);
  const Job removed = this->completed(2, kNow);
  ASSERT_TRUE(this->put(expired.id, {sample_vector("a")}));
  ASSERT_TRUE(this->put(removed.id, {sample_vector("b")}));
  this->set_now(kNow + 2h);

  this->update(expired.id, expiring());
  EXPECT_EQ(this->subjects({.space = "brief", .model = "minilm"}), (std::vector<std::string>{"b"}));
  this->update(removed.id, expiring(true, false));
  EXPECT_EQ(this->subjects({.space = "brief", .model = "minilm"}), (std::vector<std::string>{"b"})) << "its file alone";
  this->update(removed.id, expiring(false, true));
  this->remove(removed.id);

  this->reopen();
  EXPECT_TRUE(this->briefs().empty());
  EXPECT_EQ(this->refusal(this->vectors().put(expired.id, {sample_vector("a")})), this->unknown_item());
  EXPECT_TRUE(this->value(this->store().check()).empty());
}

REGISTER_TYPED_TEST_SUITE_P(VectorStoreContract, FG_3_AVectorIsKeptBitForBitWithWhatItStandsFor,
                            FG_3_VectorsComePageByPageOfOneSpaceModelAndOwner,
                            ANewVectorOfTheSameSubjectTakesThePlaceOfTheOldOne,
                            FG_3_NothingIsKeptOfAResultThatIsNotThere, WhatIsTooMuchIsRefused,
                            FG_3_ARetryOfTheStageTakesItsVectorsAlong,
                            FG_3_WhatExpiresOrIsRemovedTakesItsVectorsAlong);

}  // namespace holdfast::contract
