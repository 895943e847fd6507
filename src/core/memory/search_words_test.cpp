#include "core/memory/search_words.hpp"

#include <gtest/gtest.h>

namespace holdfast::memory {
namespace {

using Words = std::vector<std::string>;

TEST(SearchWords, FR_9_WordsAreWhatStandsBetweenBlanksAndHoldsALetterOrADigit) {
  EXPECT_EQ(search_words("Anna's exam, Friday"), (Words{"Anna's", "exam,", "Friday"}));
  EXPECT_EQ(search_words("  *** -- exam\t\n exam "), (Words{"exam"}));
  EXPECT_EQ(search_words("the exam of Anna"), (Words{"exam", "Anna"}));
  EXPECT_EQ(search_words("the who"), (Words{"the", "who"})) << "where there are no others";
  EXPECT_EQ(search_words("Prüfung 25"), (Words{"Prüfung", "25"}));
  EXPECT_TRUE(search_words("").empty());
  EXPECT_TRUE(search_words("\" * ( ) - + ^ :").empty());
}

TEST(SearchWords, FR_9_AnyBytesGiveSoManyWordsAndNoMore) {
  std::string many;
  for (int n = 0; n < 1000; ++n) many += "w" + std::to_string(n) + " ";
  EXPECT_EQ(search_words(many).size(), kSearchWordsMax);
  const auto longest = search_words(std::string(1U << 20U, 'x'));
  ASSERT_EQ(longest.size(), 1U);
  EXPECT_EQ(longest[0].size(), kSearchWordBytes);
  std::string accents = "a";
  for (int n = 0; n < 100; ++n) accents += "é";
  EXPECT_EQ(search_words(accents).at(0).size(), kSearchWordBytes - 1) << "no letter is cut in two";
  EXPECT_EQ(search_words(std::string{"a\0b \xff\xfe c", 8}).size(), 3U);
}

TEST(SearchWords, FR_9_ASnippetIsTheTextAroundTheFirstWordThatIsFound) {
  EXPECT_EQ(snippet_of("Call Anna  today.", Words{"anna"}), "Call Anna today.");
  std::string text;
  for (int n = 0; n < 200; ++n) text += (n == 100 ? "exams " : "word" + std::to_string(n) + " ");
  const std::string snippet = snippet_of(text, Words{"exam"});
  EXPECT_TRUE(snippet.starts_with("...word92 ")) << snippet;
  EXPECT_NE(snippet.find("exams"), std::string::npos);
  EXPECT_TRUE(snippet.ends_with("..."));
  EXPECT_LT(snippet.size(), kSnippetCharacters + 10);
  EXPECT_TRUE(snippet_of(text, {}).starts_with("word0 "));
  EXPECT_EQ(snippet_of("", Words{"a"}), "");
  EXPECT_EQ(snippet_of(std::string(5000, 'x'), Words{"a"}), "...");
}

}  // namespace
}  // namespace holdfast::memory
