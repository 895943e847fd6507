#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "adapters/llama/grammar.hpp"
#include "adapters/llama/json_scanner.hpp"
#include "adapters/llama/skeleton.hpp"

namespace holdfast::llama {
namespace {

std::string shipped(const std::string& name) {
  std::ifstream file{std::string{HF_SOURCE_DIR} + "/recipes/introductions/schemas/" + name};
  return {std::istreambuf_iterator<char>{file}, {}};
}

TEST(JsonScanner, KnowsWhenTheOutermostObjectIsOver) {
  JsonScanner scanner;

  EXPECT_EQ(scanner.take(R"({"a":"}]","b":{"c":[1]})"), 23U);
  EXPECT_FALSE(scanner.complete());
  EXPECT_EQ(scanner.take("} and more"), 1U);
  EXPECT_TRUE(scanner.complete());
  EXPECT_EQ(scanner.take("more"), 0U);
}

TEST(JsonScanner, KnowsWhetherItIsInAString) {
  JsonScanner scanner;

  scanner.take(R"({"a)");
  EXPECT_TRUE(scanner.in_string());
  scanner.take(R"(\"\\)");
  EXPECT_TRUE(scanner.in_string()) << "an escaped quote ends nothing";
  scanner.take(R"(")");
  EXPECT_FALSE(scanner.in_string()) << "after an escaped backslash a quote is one";
}

TEST(Grammar, IsMadeOfTheSchemasThatComeAlong) {
  for (const auto* name : {"form.json", "rating.json"}) {
    const auto grammar = grammar_of(shipped(name));

    ASSERT_TRUE(grammar) << name;
    EXPECT_NE(grammar->find("root ::="), std::string::npos);
    EXPECT_NE(("\n" + *grammar).find("\nspace ::= \"\"\n"), std::string::npos) << *grammar;
  }
  EXPECT_NE(grammar_of(shipped("form.json"))->find("{0,160}"), std::string::npos) << "lengths are bounded";
}

TEST(Grammar, RefusesWhatCannotBeOne) {
  for (const auto* schema : {"", "{", R"({"type":"wizard"})", R"({"$ref":"#/nowhere"})"}) {
    const auto grammar = grammar_of(schema);
    ASSERT_FALSE(grammar) << schema;
    EXPECT_EQ(grammar.error().code(), "HF-CFG-02");
  }
}

TEST(Skeleton, IsTheShortestValidAnswer) {
  EXPECT_EQ(skeleton_of(shipped("form.json")),
            R"({"name":null,"origin":null,"studies_or_work":null,"interests":[],)"
            R"("goals":null,"languages":[],"summary":null})");
  EXPECT_EQ(skeleton_of(R"({"type":"object","properties":{"a":{"enum":["x"]},)"
                        R"("b":{"type":"object","properties":{"c":{"type":"integer"}}}}})"),
            R"({"a":"x","b":{"c":0}})");
  EXPECT_EQ(skeleton_of("{"), "");
}

}  // namespace
}  // namespace holdfast::llama
