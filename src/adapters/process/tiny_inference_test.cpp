#include "adapters/process/tiny_inference.hpp"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

/// The code that the judge gives; empty: it is content.
std::string code_of(const TinyInference& inference, std::string_view answer) {
  const auto judged = inference.judge(answer);
  return judged ? "" : judged.error().code();
}

TEST(TinyInference, FR_4_ASpeechModelHasToNameALanguageAndBeSurerThanAGuess) {
  const auto speech = speech_inference();
  EXPECT_EQ(code_of(speech, R"({"language":"en","language_probability":0.4,"voice":0.02})"), "");
  for (const char* answer : {
           "", "[]", "{}", R"({"language":"","language_probability":0.9,"voice":0})",
           R"({"language":"\u0001\u0002","language_probability":0.9,"voice":0})",
           R"({"language":"english","language_probability":0.9,"voice":0})",
           R"({"language":"en","language_probability":0.0101,"voice":0})",
           R"({"language":"en","language_probability":1e99999,"voice":0})",
           R"({"language":"en","language_probability":0.9,"voice":-1})",
           R"({"language":"en","language_probability":0.9})"}) {
    EXPECT_EQ(code_of(speech, answer), "HF-ENG-09") << answer;
  }
}

TEST(TinyInference, FR_4_ALanguageModelHasToAnswerAsItsSchemaSays) {
  const auto language = language_inference();
  EXPECT_EQ(code_of(language, R"({"text":"{\"answer\":\"no\"}"})"), "") << "wrong, and still an answer";
  for (const char* answer : {"", "{}", R"({"text":"yes"})", R"({"text":"{\"answer\":\"maybe\"}"})",
                             R"({"text":"{\"answer\":{}}"})", R"({"text":17})"}) {
    EXPECT_EQ(code_of(language, answer), "HF-LLM-06") << answer;
  }
}

std::string vectors(const std::string& rows) { return R"({"model":"m","vectors":[)" + rows + "]}"; }

TEST(TinyInference, FR_4_AnEmbeddingModelHasToTellWhatMeansTheSame) {
  const auto embedding = embedding_inference();
  EXPECT_EQ(code_of(embedding, vectors("[1,0.1],[1,0],[0.1,1]")), "");
  for (const std::string& answer :
       {std::string{}, std::string{"{}"}, vectors("[1,0],[1,0]"), vectors("[1,0],[1,0],[1,0]"),
        vectors("[1,0],[0,1],[1,0]"), vectors("[1,0],[1],[0,1]"), vectors("[0,0],[0,0],[0,0]"),
        vectors("[1,0],[1e999,0],[0,1]"), vectors("[1,0],[\"a\",0],[0,1]")}) {
    EXPECT_EQ(code_of(embedding, answer), "HF-EMB-06") << answer;
  }
}

TEST(TinyInference, FR_4_WhatIsWrongIsADependencyThatHoldsTheWork) {
  const auto judged = speech_inference().judge("{}");
  ASSERT_FALSE(judged);
  EXPECT_EQ(judged.error().error_class(), ErrorClass::dependency);
}

}  // namespace
}  // namespace holdfast
