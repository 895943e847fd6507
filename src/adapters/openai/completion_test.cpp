#include "adapters/openai/completion.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace holdfast::openai {
namespace {

namespace json = boost::json;

constexpr std::string_view kWork =
    R"({"type":"chat","messages":[{"role":"user","content":"hello"}],"answer":"text","tokens_max":64,)"
    R"("temperature":0.5,"top_p":1,"seed":3,"stop":[]})";

json::object request_of(std::string_view work) {
  return json::parse(make_completion_request(work, "served").value()).as_object();
}

TEST(Completion, AsksTheEndpointInItsOwnWords) {
  EXPECT_TRUE(is_completion(kWork));
  EXPECT_FALSE(is_completion(R"({"type":"generate"})"));

  const json::object request = request_of(kWork);

  EXPECT_EQ(request.at("model"), "served");
  EXPECT_EQ(request.at("messages").at(0).at("content"), "hello");
  EXPECT_EQ(request.at("max_tokens"), 64);
  EXPECT_EQ(request.at("seed"), 3);
  EXPECT_EQ(request.at("stream"), false);
  EXPECT_FALSE(request.contains("stop")) << "some endpoints refuse an empty list";
  EXPECT_FALSE(request.contains("response_format"));
}

TEST(Completion, SaysWhatTheAnswerHasToBe) {
  std::string work{kWork};
  work.replace(work.find("\"text\""), 6, "\"json\"");
  EXPECT_EQ(request_of(work).at("response_format").at("type"), "json_object");
  work.replace(work.find("\"json\""), 6, R"("schema","schema":{"type":"object"})");
  EXPECT_EQ(request_of(work).at("response_format").at("json_schema").at("schema").at("type"), "object");
}

TEST(Completion, TakesTextThatIsNoJsonAndTextThatWasCut) {
  const auto body = read_completion_answer(
      R"({"choices":[{"message":{"content":"Well,"},"finish_reason":"length"}],"usage":{"prompt_tokens":3,)"
      R"("completion_tokens":2}})",
      "served");
  ASSERT_TRUE(body);
  EXPECT_EQ(*body, R"({"text":"Well,","finish":"length","tokens_in":3,"tokens_out":2,"model":"served"})");
}

TEST(Completion, AnAnswerThatCannotBeUsedIsTriedAgain) {
  for (const char* answer : {"", "[]", "{}", R"({"choices":[]})", R"({"choices":[{}]})",
                             R"({"choices":[{"message":{}}]})",
                             R"({"choices":[{"message":{"content":7}}]})",
                             R"({"choices":[{"message":{"content":"","refusal":"no"}}]})"}) {
    const auto read = read_completion_answer(answer, "served");
    ASSERT_FALSE(read) << answer;
    EXPECT_EQ(read.error().error_class(), ErrorClass::transient);
    EXPECT_EQ(read.error().code(), "HF-LLM-03");
  }
}

}  // namespace
}  // namespace holdfast::openai
