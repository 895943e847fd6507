#include "adapters/openai/json_text.hpp"

#include <gtest/gtest.h>

namespace holdfast::openai {
namespace {

TEST(JsonText, TheOneObjectIsFoundAmongWords) {
  EXPECT_EQ(object_text(R"({"a":1})"), R"({"a":1})");
  EXPECT_EQ(object_text("Sure!\n```json\n{\"a\": {\"b\": 1}}\n```\nAnything else?"), "{\"a\": {\"b\": 1}}\n");
  EXPECT_EQ(object_text(R"(Here it is: {"a":"}{\" }"} I hope it helps.)"), R"({"a":"}{\" }"})");
}

TEST(JsonText, WhatWouldHaveToBeGuessedIsNotTaken) {
  for (const char* text : {"", "Sure, here you are!", "[1]", "[{\"a\":1}, {\"a\":2}]", "{\"a\":1} or {\"a\":2}",
                           "{\"a\":1", "{a:1}", "```\n{\"a\":1}", "{\"a\":\"", "}{", "```{```", "{{}}"}) {
    EXPECT_EQ(object_text(text), text == std::string{"```\n{\"a\":1}"} ? "{\"a\":1}" : "") << text;
  }
  EXPECT_EQ(object_text(std::string(100'000, '{')), "");
}

}  // namespace
}  // namespace holdfast::openai
