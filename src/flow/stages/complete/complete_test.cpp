#include "flow/stages/complete/complete.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "flow/stages/complete/chat_task.hpp"

namespace holdfast::stages {
namespace {

namespace json = boost::json;

constexpr std::string_view kAsked =
    R"({"model":"m","role":"writer","messages":[{"role":"system","content":"be kind"},)"
    R"({"role":"user","content":"hello"}],"tokens_max":9,"temperature":0,"top_p":0.5,"seed":4,)"
    R"("stop":["END"],"answer":"text"})";
constexpr std::string_view kBound =
    R"({"messages":[{"role":"user","content":"hello"}],"answer":"schema","schema":{"type":"object",)"
    R"("properties":{"a":{"type":"integer"}},"required":["a"],"additionalProperties":false}})";

StageInput a_call(std::string_view text) {
  StageInput input;
  input.config = {.name = "chat", .kind = "complete", .role = "chat", .result = "answer", .tokens_max = 77};
  input.job.id = ItemId{"itm_1"};
  input.job.input.payload = text;
  input.job.stages = {{.name = "upload", .kind = "upload"}, {.name = "chat", .kind = "complete", .attempts = 2}};
  input.job.stage = 1;
  return input;
}

json::value asked_of(std::string_view text) {
  const auto plan = Complete{}.prepare(a_call(text));
  EXPECT_TRUE(plan);
  const auto& request = std::get<WorkRequest>(plan.value());
  EXPECT_EQ(request.worker, WorkerKind::language);
  return json::parse(request.body);
}

Result<decide::StageOutcome> concluded(std::string_view text, const std::string& answer) {
  return Complete{}.conclude(a_call(text), Finished{.body = answer});
}

TEST(Complete, AsksTheLanguageWorkerForWhatTheCallAsks) {
  const json::value request = asked_of(kAsked);

  EXPECT_EQ(request.at("type"), "chat");
  EXPECT_EQ(request.at("messages").as_array().size(), 2U);
  EXPECT_EQ(request.at("tokens_max"), 9);
  EXPECT_EQ(request.at("seed"), 4) << "the same at every attempt: it was asked for";
  EXPECT_EQ(request.at("stop").at(0), "END");
  EXPECT_EQ(std::get<WorkRequest>(Complete{}.prepare(a_call(kAsked)).value()).role, "writer");
}

TEST(Complete, ATextOfAnotherOriginIsWhatAUserSays) {
  for (const char* text : {"what is the time?", R"({"a":1})", "[1]"}) {
    const json::value request = asked_of(text);
    EXPECT_EQ(request.at("messages").at(0).at("content"), text);
    EXPECT_EQ(request.at("tokens_max"), 77) << "as the recipe says";
    EXPECT_EQ(request.at("seed"), 2) << "another one for each attempt";
  }
  EXPECT_EQ(std::get<WorkRequest>(Complete{}.prepare(a_call("hello")).value()).role, "chat");
}

TEST(Complete, ATaskBeyondItsLimitsIsRefusedForGood) {
  for (const char* text :
       {R"({"messages":[]})", R"({"messages":7})", R"({"messages":["x"],"answer":"text"})",
        R"({"messages":[{"role":"tool","content":"x"}],"answer":"text"})",
        R"({"messages":[{"role":"user","content":""}],"answer":"text"})",
        R"({"messages":[{"role":"user","content":"x"}],"answer":"prose"})",
        R"({"messages":[{"role":"user","content":"x"}],"answer":"text","temperature":9})",
        R"({"messages":[{"role":"user","content":"x"}],"answer":"text","stop":[""]})",
        R"({"messages":[{"role":"user","content":"x"}],"answer":"schema"})"}) {
    const auto plan = Complete{}.prepare(a_call(text));
    ASSERT_FALSE(plan) << text;
    EXPECT_EQ(plan.error().error_class(), ErrorClass::permanent);
    EXPECT_EQ(plan.error().code(), "HF-OAI-01");
  }
}

TEST(Complete, PublishesTheWholeAnswer) {
  const auto outcome =
      concluded(kAsked, R"({"text":"Well.","finish":"stop","tokens_in":3,"tokens_out":2,"model":"x"})");

  ASSERT_TRUE(outcome);
  ASSERT_EQ(outcome->publish.size(), 1U);
  EXPECT_EQ(outcome->publish[0].name, "answer");
  EXPECT_EQ(outcome->publish[0].json,
            R"({"text":"Well.","finish":"stop","model":"x","tokens_in":3,"tokens_out":2})");
  EXPECT_TRUE(outcome->warnings.empty());
  EXPECT_EQ(outcome->output.find("Well"), std::string::npos) << "what was said stands in the result alone";
}

TEST(Complete, SaysThatAnAnswerWasCut) {
  const auto outcome = concluded(kAsked, R"({"text":"Well,","finish":"length"})");
  EXPECT_EQ(outcome.value().warnings.size(), 1U);
  EXPECT_EQ(json::parse(outcome.value().publish.at(0).json).at("finish"), "length");
}

TEST(Complete, JsonThatWasAskedForIsHeldAgainstWhatWasAsked) {
  EXPECT_TRUE(concluded(kBound, R"({"text":"{\"a\":1}"})"));
  std::string any{kBound};
  any.replace(any.find("\"schema\""), 8, "\"json\"");
  EXPECT_TRUE(concluded(any, R"({"text":"{\"whatever\":[1]}"})"));
  for (const char* text : {"prose", "[1]", R"({\"a\":\"b\"})", R"({\"b\":1})", R"({\"a\":1)", ""}) {
    const auto outcome = concluded(kBound, R"({"text":")" + std::string{text} + R"("})");
    ASSERT_FALSE(outcome) << text;
    EXPECT_EQ(outcome.error().error_class(), ErrorClass::transient);
    EXPECT_EQ(outcome.error().code(), "HF-LLM-03");
  }
}

TEST(Complete, AHostileWorkersAnswerIsTriedAgain) {
  for (const std::string& body : {std::string{}, std::string{"[]"}, std::string{"{}"}, std::string{R"({"text":7})"},
                                  R"({"text":")" + std::string(70'000, 'x') + "\"}"}) {
    const auto outcome = concluded(kAsked, body);
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().error_class(), ErrorClass::transient);
  }
  const auto odd = concluded(kAsked, "{\"text\":\"a\\u0000b\xff\",\"model\":\"\\u001b[2J\",\"tokens_in\":-5}");
  if (odd) EXPECT_EQ(json::parse(odd->publish.at(0).json).at("tokens_in"), 0);
}

TEST(ChatTask, IsTheSameAfterItWasKept) {
  for (const std::string_view text : {kAsked, kBound}) {
    const ChatTask task = chat_task_of(text).value();
    EXPECT_EQ(to_text(chat_task_of(to_text(task)).value()), to_text(task));
  }
}

}  // namespace
}  // namespace holdfast::stages
