#include "flow/stages/complete/answer_schema.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace holdfast::stages {
namespace {

namespace json = boost::json;

std::string usable(const std::string& schema) {
  const auto made = usable_schema(json::parse(schema));
  return made ? json::serialize(*made) : made.error().code() + " " + made.error().what();
}

TEST(AnswerSchema, WhatClientsMakeOfTheirTypesIsWrittenOut) {
  EXPECT_EQ(usable(R"({"$defs":{"Step":{"title":"Step","type":"object","properties":{"text":{"type":"string"}},)"
                   R"("required":["text"],"additionalProperties":false}},"title":"Answer","type":"object",)"
                   R"("properties":{"steps":{"type":"array","maxItems":3,"items":{"$ref":"#/$defs/Step"}},)"
                   R"("mood":{"anyOf":[{"enum":["good","bad"]},{"type":"null"}]}},"required":["steps","mood"]})"),
            R"({"type":"object","properties":{"steps":{"type":"array","maxItems":3,"items":{"type":"object",)"
            R"("properties":{"text":{"type":"string"}},"required":["text"],"additionalProperties":false}},)"
            R"("mood":{"anyOf":[{"enum":["good","bad"]},{"type":"null"}]}},"required":["steps","mood"]})");
}

TEST(AnswerSchema, WhatCouldGrowOrRunHereIsRefusedWithItsPlace) {
  const std::pair<std::string, std::string> cases[] = {
      {"7", "schema: is no object"},
      {"{}", "schema: is not of an object"},
      {R"({"type":"array"})", "schema: is not of an object"},
      {R"({"type":"object","pattern":"(a+)+$"})", "schema.pattern: cannot be used here"},
      {R"({"type":"object","patternProperties":{}})", "schema.patternProperties"},
      {R"({"type":"object","properties":{"a":{"type":"string","maxLength":1000000}}})", "properties.a.maxLength"},
      {R"({"type":"object","properties":{"a":{"type":"array","minItems":-1}}})", "schema.properties.a.minItems"},
      {R"({"type":"object","properties":{"a":{"$ref":"https://example.org/x"}}})", "refers to something"},
      {R"({"type":"object","properties":{"a":{"$ref":"#/$defs/no"}}})", "refers to something"},
      {R"({"$defs":{"a":{"$ref":"#/$defs/a"}},"type":"object","properties":{"a":{"$ref":"#/$defs/a"}}})", "in circles"},
      {R"({"type":"object","properties":7})", "schema.properties"},
      {R"({"type":"object","anyOf":[]})", "schema.anyOf"},
      {R"({"type":"object","additionalProperties":{"type":"string"}})", "schema.additionalProperties"},
      {R"({"type":"object","properties":{"a":{"type":"string","minimum":"x"}}})", "schema.properties.a.minimum"}};
  for (const auto& [schema, why] : cases) EXPECT_NE(usable(schema).find(why), std::string::npos) << usable(schema);
}

TEST(AnswerSchema, ReferencesThatMultiplyAreRefused) {
  std::string schema = R"({"$defs":{"x0":{"type":"null"})";
  for (int i = 1; i < 14; ++i) {
    const std::string before = R"({"$ref":"#/$defs/x)" + std::to_string(i - 1) + "\"}";
    const std::string both = R"({"type":"object","properties":{"a":)" + before + ",\"b\":" + before + "}}";
    schema += ",\"x" + std::to_string(i) + "\":" + both;
  }
  schema += R"(},"type":"object","properties":{"a":{"$ref":"#/$defs/x13"}}})";

  EXPECT_NE(usable(schema).find("too large or too deep"), std::string::npos);
}

}  // namespace
}  // namespace holdfast::stages
