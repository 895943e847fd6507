#include "adapters/sqlite/codec.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "core/base/rng.hpp"
#include "tests/contract/job_store_samples.hpp"

namespace holdfast::sqlite {
namespace {

constexpr auto kMin = std::numeric_limits<std::int64_t>::min();
constexpr auto kMax = std::numeric_limits<std::int64_t>::max();

std::vector<StageRecord> sample_stages() {
  StageRecord busy{.name = "stt", .kind = "transcribe", .title = "T", .bulkhead = "engine"};
  busy.state = StageState::failed;
  busy.attempts = ~0U;
  busy.interruptions = 1;
  busy.crashes = 128;
  busy.position_ms = kMax;
  busy.crash_position_ms = kMin;
  busy.started_at = WallTime{milliseconds{kMin}};
  busy.finished_at = WallTime{milliseconds{kMax}};
  busy.warnings = {"", contract::hostile_text()};
  busy.output = contract::hostile_text();
  busy.fallback = Fallback{.strategy = "similar",
                           .cause = "HF-LLM-01",
                           .reliability = "medium",
                           .similarity = 0.83,
                           .answered = contract::hostile_text(),
                           .made_at = WallTime{milliseconds{kMin}},
                           .redo = true};
  busy.redos = 2;
  busy.fill = {{0, 1}, {kMax - 1, kMax}};
  busy.with_less = true;
  return {{}, busy, {.name = "last", .state = StageState::completed, .fallback = Fallback{.strategy = "rules"}}};
}

std::string text_of(const std::vector<StageRecord>& stages) {
  return contract::text_of(Job{.stages = stages});
}

Result<std::vector<StageRecord>> decode(const std::string& plan, const std::string& progress,
                                        WallTime created_at) {
  HF_TRY(auto stages, decode_plan(plan));
  HF_TRY_VOID(decode_progress(progress, created_at, stages));
  return stages;
}

TEST(Codec, StagesComeBackAsTheyWere) {
  const auto stages = sample_stages();
  for (const WallTime created_at :
       {contract::kStart, WallTime{milliseconds{kMax}}, WallTime{milliseconds{kMin}}}) {
    const auto back = decode(encode_plan(stages), encode_progress(stages, created_at), created_at);
    ASSERT_TRUE(back.has_value());
    EXPECT_EQ(text_of(*back), text_of(stages));
  }
}

TEST(Codec, AStageThatWaitsTakesOneByte) {
  EXPECT_EQ(encode_progress({{.name = "stt"}, {.name = "rating"}}, contract::kStart).size(), 2U);
}

TEST(Codec, PlansDifferByEveryWord) {
  const std::vector<StageRecord> plan{{.name = "a", .kind = "b", .title = "c", .bulkhead = "d"}};
  auto other = plan;
  other[0].attempts = 9;
  EXPECT_TRUE(same_plan(plan, other));
  EXPECT_EQ(encode_plan(plan), encode_plan(other));
  for (auto StageRecord::* word :
       {&StageRecord::name, &StageRecord::kind, &StageRecord::title, &StageRecord::bulkhead}) {
    other = plan;
    other[0].*word = "x";
    EXPECT_FALSE(same_plan(plan, other));
    EXPECT_NE(encode_plan(plan), encode_plan(other));
  }
  EXPECT_FALSE(same_plan(plan, {}));
}

TEST(Codec, WordsAndStringsComeBackAsTheyWere) {
  const Segment segment = contract::sample_segment(3);
  const auto words = decode_words(encode_words(segment.words, segment.start_ms), segment.start_ms);
  ASSERT_TRUE(words.has_value());
  Segment back = segment;
  back.words = *words;
  EXPECT_EQ(contract::text_of(std::vector{back}), contract::text_of(std::vector{segment}));

  for (const auto& strings : {std::vector<std::string>{}, {""}, {"a", contract::hostile_text(), ""}}) {
    EXPECT_EQ(decode_strings(encode_strings(strings)).value(), strings);
  }
}

TEST(Codec, AUlidTakesSixteenBytesAndEverythingElseIsLeftAsItIs) {
  for (const char* id : {"itm_00000000000000000000000000", "itm_7ZZZZZZZZZZZZZZZZZZZZZZZZZ",
                         "itm_01JV4T9M3N8XQ2K5R7W0ABCDEF"}) {
    const std::string packed = pack_id(ItemId{id});
    EXPECT_EQ(packed.size(), 16U);
    EXPECT_EQ(unpack_id(packed).text(), id);
  }
  for (const char* id : {"", "itm_", "itm_80000000000000000000000000", "itm_0000000000000000000000000U",
                         "itm_0000000000000000000000000a", "job_00000000000000000000000000",
                         "itm_000000000000000000000000000"}) {
    EXPECT_EQ(pack_id(ItemId{id}), "") << id;
  }
}

TEST(Codec, HexadecimalDigitsTakeHalfTheBytesAndEverythingElseIsLeftAsItIs) {
  EXPECT_EQ(unpack_hex(pack_hex("00ff7f80", 8)), "00ff7f80");
  EXPECT_EQ(pack_hex("00ff7f80", 8).size(), 4U);
  EXPECT_EQ(pack_hex("00FF7F80", 8), "");
  EXPECT_EQ(pack_hex("00ff7f8", 8), "");
  EXPECT_EQ(pack_hex("", 8), "");
}

/// Whatever the disk gives back must end as a value or as an error: sanitizers watch over this test.
TEST(Codec, DamagedBytesAreAnErrorOrAnotherValueButNeverMore) {
  const auto stages = sample_stages();
  const std::string plan = encode_plan(stages);
  const std::string progress = encode_progress(stages, contract::kStart);
  const std::string words = encode_words(contract::sample_segment(1).words, 5);
  Rng rng{7};
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = std::vector{plan, progress, words}[rng.below(3)];
    for (int flips = 0; flips < 3; ++flips) bytes[rng.below(bytes.size())] = static_cast<char>(rng.next());
    auto target = stages;
    (void)decode_plan(bytes);
    (void)decode_progress(bytes, contract::kStart, target);
    (void)decode_strings(bytes);
    (void)decode_words(bytes, 7);
  }
}

TEST(Codec, CutBytesAreCorrupt) {
  const auto stages = sample_stages();
  const std::string progress = encode_progress(stages, contract::kStart);
  for (std::size_t size = 0; size < progress.size(); ++size) {
    const auto back = decode(encode_plan(stages), progress.substr(0, size), contract::kStart);
    ASSERT_FALSE(back.has_value()) << size;
    EXPECT_EQ(back.error().error_class(), ErrorClass::corrupt);
  }
  EXPECT_FALSE(decode(encode_plan(stages), progress + "x", contract::kStart).has_value());
  EXPECT_FALSE(decode_strings("\xff\xff\xff\xff\x0f").has_value());
}

}  // namespace
}  // namespace holdfast::sqlite
