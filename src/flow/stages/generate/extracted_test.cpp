#include "flow/stages/generate/extracted.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "flow/stages/extraction_json.hpp"
#include "flow/stages/generate/generate.hpp"
#include "schema/answer.hpp"

namespace holdfast::stages {
namespace {

namespace json = boost::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr auto kTaskSchema =
    R"({"type":"object","additionalProperties":false,"required":["tasks"],"properties":{"tasks":{
  "type":"array","maxItems":3,"items":{"type":"object","additionalProperties":false,"required":["text"],"properties":{
    "text":{"type":"string","maxLength":200},"owner":{"type":["string","null"],"maxLength":30},
    "due":{"type":["string","null"],"maxLength":30}}}}}})";

/// Three sentences that are read one by one: a piece has room for one of them.
StageInput a_memo() {
  StageInput input{.config = {.name = "action_items",
                              .kind = "generate",
                              .result = "action_items",
                              .shape = "action_items",
                              .prompt = "Find tasks.\n---\n{{transcript}}\nNow.\n",
                              .schema = kTaskSchema,
                              .window_characters = 40}};
  input.job.stages = {{.name = "action_items", .kind = "generate", .attempts = 1}};
  input.segments = {{0, 4'000, "Peter repairs the fence by Saturday.", 0.9, {}},
                    {4'000, 6'000, " ", 0.9, {}},
                    {6'000, 9'000, "I call the dentist on Monday.", 0.8, {}},
                    {9'000, 12'000, "Maria brings the documents.", 0.7, {}}};
  return input;
}

Finished says(const std::string& tasks, int lines_used = 1) {
  const std::string text = R"({"tasks":)" + tasks + "}";
  return {.body = json::serialize(json::object{
              {"text", text}, {"lines_used", lines_used}, {"model", "tiny"}, {"tokens_in", 10}, {"tokens_out", 5}})};
}
std::string one(const std::string& text) { return R"([{"text":")" + text + R"("}])"; }

/// What the runner does with an outcome that goes on.
void keep(StageInput& input, const decide::StageOutcome& outcome) {
  input.job.stages[0].position_ms = outcome.goes_on_at_ms;
  input.job.stages[0].output = outcome.output;
}

json::value request_of(const StageInput& input) {
  return json::parse(std::get<WorkRequest>(Generate{}.prepare(input).value()).body);
}

decide::StageOutcome read_all(StageInput input, const std::vector<std::string>& answers) {
  for (std::size_t i = 0;; ++i) {
    auto outcome = Generate{}.conclude(input, says(answers.at(i))).value();
    if (outcome.goes_on_at_ms < 0) return outcome;
    keep(input, outcome);
  }
}

TEST(Extracted, FR_9_ATranscriptIsReadPieceByPieceInWholeSegments) {
  StageInput input = a_memo();
  EXPECT_EQ(request_of(input).at("lines"), (json::array{"[0] Peter repairs the fence by Saturday."}));

  const auto first = Generate{}.conclude(input, says("[]")).value();
  EXPECT_EQ(first.goes_on_at_ms, 4'000);
  EXPECT_THAT(first.publish, IsEmpty());
  keep(input, first);

  EXPECT_EQ(request_of(input).at("lines"), (json::array{"[2] I call the dentist on Monday."}));
  const auto request = std::get<WorkRequest>(Generate{}.prepare(input).value());
  EXPECT_NEAR(request.share_from, 1.0 / 3, 1e-9);
  EXPECT_NEAR(request.share_to, 2.0 / 3, 1e-9);
}

TEST(Extracted, FR_9_WhatThePiecesGiveIsPublishedOnceAtTheEnd) {
  const auto outcome = read_all(a_memo(), {one("Repair the fence by Saturday."), "[]", one("bring the documents")});

  ASSERT_EQ(outcome.publish.size(), 1U);
  EXPECT_EQ(outcome.publish[0].name, "action_items");
  EXPECT_EQ(kind_of_list(json::parse(outcome.publish[0].json)), ExtractionKind::action);
  const auto& made = outcome.publish[0].extractions;
  ASSERT_EQ(made.size(), 2U);
  EXPECT_THAT(made[0].segments, ElementsAre(0));
  EXPECT_THAT(made[1].segments, ElementsAre(3));
  EXPECT_EQ(made[1].kind, ExtractionKind::action);
  EXPECT_THAT(outcome.warnings, IsEmpty());
  EXPECT_THAT(outcome.output, HasSubstr(R"("pieces":3)"));
}

TEST(Extracted, FR_9_WhatTheModelMadeUpIsLeftOutAndCounted) {
  const auto outcome =
      read_all(a_memo(), {one("Buy a car in Paris."), one("I call the dentist. We won the lottery."), "[]"});

  ASSERT_EQ(outcome.publish[0].extractions.size(), 1U);
  EXPECT_EQ(outcome.publish[0].extractions[0].text, "I call the dentist.");
  EXPECT_THAT(outcome.warnings, ElementsAre("left out what the model made up: not said in the recording (2)"));
}

TEST(Extracted, FR_9_TheSameThingOfTwoPiecesIsThereOnce) {
  StageInput input = a_memo();
  input.segments.push_back({12'000, 14'000, "Peter repairs the fence by Saturday morning.", 0.9, {}});

  const auto outcome =
      read_all(input, {one("Peter repairs the fence"), "[]", "[]", one("Peter repairs the fence by Saturday morning")});

  ASSERT_EQ(outcome.publish[0].extractions.size(), 1U);
  EXPECT_THAT(outcome.publish[0].extractions[0].segments, ElementsAre(0, 4));
}

TEST(Extracted, TheLastLineOfALargerPieceIsReadOnceMore) {
  StageInput input = a_memo();
  input.config.window_characters = 1'000;
  input.segments.push_back({12'000, 14'000, "And the end.", 0.9, {}});

  const auto first = Generate{}.conclude(input, says("[]", 3)).value();  // the model had no room for the fourth line
  EXPECT_EQ(first.goes_on_at_ms, 12'000);
  keep(input, first);

  EXPECT_EQ(request_of(input).at("lines"), (json::array{"[3] Maria brings the documents.", "[4] And the end."}));
  EXPECT_EQ(Generate{}.conclude(input, says("[]", 2)).value().goes_on_at_ms, -1);
}

TEST(Extracted, AnyAnswerThatIsValidLeadsFurther) {
  StageInput input = a_memo();
  input.config.window_characters = 1'000;
  std::int64_t position_ms = 0;
  for (int pieces = 0; pieces < 3; ++pieces) {
    const auto outcome = Generate{}.conclude(input, says("[]", 1)).value();
    if (outcome.goes_on_at_ms < 0) {
      EXPECT_EQ(pieces, 2);
      return;
    }
    EXPECT_GT(outcome.goes_on_at_ms, position_ms);
    position_ms = outcome.goes_on_at_ms;
    keep(input, outcome);
  }
  FAIL() << "it does not come to an end";
}

TEST(Extracted, WhatWasKeptIsReadAsItWasWritten) {
  StageInput input = a_memo();
  const std::string answer = R"([{"text":"Peter repairs the fence","owner":"Peter","due":"Saturday"}])";
  keep(input, Generate{}.conclude(input, says(answer)).value());
  keep(input, Generate{}.conclude(input, says("[]")).value());
  const auto made = Generate{}.conclude(input, says("[]")).value().publish[0].extractions;

  ASSERT_EQ(made.size(), 1U);
  EXPECT_EQ(made[0].owner, "Peter");
  EXPECT_EQ(made[0].due, "Saturday");
  EXPECT_DOUBLE_EQ(made[0].confidence, 0.9);
  EXPECT_THAT(made[0].people, ElementsAre("Peter"));
}

TEST(Extracted, WhatWasKeptAndCannotBeReadIsSaidAndNeverIgnored) {
  for (const char* damaged :
       {"{", "{}", R"({"taken":[{"text":""}]})", R"({"taken":[{"text":"a","segments":[2,1]}]})",
        R"({"taken":[{"text":"a","people":"Anna"}]})", R"({"taken":[{"text":"a","places":[1]}]})"}) {
    StageInput input = a_memo();
    input.job.stages[0].output = damaged;
    const auto plan = Generate{}.prepare(input);
    ASSERT_FALSE(plan) << damaged;
    EXPECT_EQ(plan.error().code(), "HF-STO-03");
  }
}

TEST(Extracted, WithoutSpeechNobodyIsAskedAndTheListIsEmpty) {
  StageInput input = a_memo();
  input.segments = {{.text = " "}};

  const auto outcome = std::get<decide::StageOutcome>(Generate{}.prepare(input).value());

  EXPECT_EQ(kind_of_list(json::parse(outcome.publish.at(0).json)), ExtractionKind::action);
  EXPECT_THAT(outcome.publish[0].extractions, IsEmpty());
}

TEST(Extracted, ASchemaMustBeOneListOfEntriesWithAText) {
  const auto check = [](const std::string& schema, const char* shape) {
    return find_shape(shape)->check(schema::read_schema(schema).value()).has_value();
  };
  EXPECT_TRUE(check(kTaskSchema, "action_items"));
  EXPECT_FALSE(check(kTaskSchema, "memories")) << "a memory has no owner";
  EXPECT_FALSE(check("{}", "memories"));
  EXPECT_FALSE(check(R"({"properties":{"a":{"type":"array","items":{"type":"string"}}}})", "memories"));
  EXPECT_FALSE(check(R"({"properties":{"a":{"type":"array","items":{"properties":{"due":{"type":"string"}}}}}})",
                     "action_items"));
  EXPECT_FALSE(check(R"({"properties":{"a":{"type":"array","items":{"properties":{"text":{"type":"integer"}}}}}})",
                     "memories"));
}

}  // namespace
}  // namespace holdfast::stages
