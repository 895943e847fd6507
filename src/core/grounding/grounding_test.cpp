#include "core/grounding/grounding.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace holdfast::grounding {
namespace {

using testing::ElementsAre;

const std::vector<std::string> kTalk{
    "Hello, my name is Anna Becker and I'm 21 years old.", "I come from a small town near Munich in Germany.",
    "I'm studying computer science, and I love hiking and photography.",
    "I speak German, English and a bit of Spanish.", "One day I want to build robots that help old people."};

Grounded look(std::string_view value) { return ground(value, make_evidence(kTalk)); }

TEST(ComparedWords, AreComparedWithoutCaseAndPunctuation) {
  std::vector<std::string> seen;
  for (const auto& word : compared_words("Don't — \"ÉCOLE\", ΑΘΗΝΑ: 3,500.25 well-known МОСКВА 李明!"))
    seen.push_back(word.text);

  EXPECT_THAT(seen, ElementsAre("dont", "école", "αθηνα", "3500.25", "well", "known", "москва", "李", "明"));
}

TEST(ComparedWords, AreTheSameWithASmallEnding) {
  const auto same = [](std::string_view left, std::string_view right) {
    return same_word(compared_words(left).front(), compared_words(right).front());
  };
  EXPECT_TRUE(same("studies", "study"));
  EXPECT_TRUE(same("dance", "dancing"));
  EXPECT_TRUE(same("German", "germans"));
  EXPECT_FALSE(same("Marta", "Martin"));
  EXPECT_FALSE(same("art", "artist")) << "short words are not stretched";
  EXPECT_FALSE(same("2019", "20191"));
  EXPECT_FALSE(same("international", "internet"));
}

TEST(Grounding, NamesTheSegmentsThatAValueComesFrom) {
  const auto name = look("Anna Becker");
  EXPECT_TRUE(name.found);
  EXPECT_THAT(name.segments, ElementsAre(0));
  EXPECT_THAT(look("hiking").segments, ElementsAre(2));
  EXPECT_THAT(look("studies computer science").segments, ElementsAre(2));
  EXPECT_THAT(look("wants to build robots, loves photography").segments, ElementsAre(2, 4));
}

TEST(Grounding, LAB_2_RefusesWhatNobodySaid) {
  EXPECT_FALSE(look("John Smith").found);
  EXPECT_FALSE(look("Anna Schmidt").found) << "half of a name is not the name";
  EXPECT_FALSE(look("studies computer science in Paris").found) << "a name among words that were said";
  EXPECT_FALSE(look("medicine").found);
  EXPECT_FALSE(look("won a chess championship last summer").found);
}

TEST(Grounding, WantsNumbersExactly) {
  EXPECT_TRUE(look("21").found);
  EXPECT_FALSE(look("22").found);
  EXPECT_FALSE(look("Anna is 22 years old, from a small town near Munich").found);
}

TEST(Grounding, AllowsOtherWordsInALongValue) {
  EXPECT_TRUE(look("Anna from Munich studies computer science and enjoys photography").found);
}

TEST(Grounding, CountsFunctionWordsOnlyWhenThereAreNoOthers) {
  const auto evidence =
      make_evidence(std::vector<std::string>{"my favourite band is The Who", "it is the best of all"});

  EXPECT_TRUE(ground("The Who", evidence).found);
  EXPECT_FALSE(ground("the king of the hill", evidence).found);
}

TEST(Grounding, WorksWithoutBlanksBetweenWords) {
  const auto evidence = make_evidence(std::vector<std::string>{"我叫李明", "我来自北京"});

  EXPECT_TRUE(ground("李明", evidence).found);
  EXPECT_THAT(ground("北京", evidence).segments, ElementsAre(1));
  EXPECT_FALSE(ground("上海", evidence).found);
}

TEST(Grounding, FindsNothingInNothing) {
  EXPECT_FALSE(ground("", make_evidence(kTalk)).found);
  EXPECT_FALSE(ground("?!", make_evidence(kTalk)).found);
  EXPECT_FALSE(ground("Anna", {}).found);
}

TEST(Grounding, KnowsTheWordsForNotKnowing) {
  for (const auto* text : {"", " ", "-", "N/A", "Unknown", "not mentioned.", "None", "null"})
    EXPECT_TRUE(means_unknown(text)) << text;
  for (const auto* text : {"Nora", "Unknown Pleasures", "0"}) EXPECT_FALSE(means_unknown(text)) << text;
}

}  // namespace
}  // namespace holdfast::grounding
