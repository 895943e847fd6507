#include "core/grounding/clean.hpp"

#include <gtest/gtest.h>

namespace holdfast::grounding {
namespace {

using namespace std::string_literals;

TEST(CleanText, KeepsWhatPeopleWrite) {
  EXPECT_EQ(clean_text("Søren says \"hi\" to 李明 👋🏽", 100), "Søren says \"hi\" to 李明 👋🏽");
  EXPECT_EQ(clean_text("<b>bold</b>", 100), "<b>bold</b>") << "escaping is the page's work";
}

TEST(CleanText, TakesOutControlsAndWhatCannotBeSeen) {
  EXPECT_EQ(clean_text("a\0b\x1b[31m\x7f"s, 100), "a b [31m");
  EXPECT_EQ(clean_text("left\u202eright\u200b\ufeff\u2066!", 100), "leftright!");
  EXPECT_EQ(clean_text("  one\r\n\ttwo\u2028three\u00a0 ", 100), "one two three");
}

TEST(CleanText, MakesValidUtf8OfAnyBytes) {
  EXPECT_EQ(clean_text("a\xff\xc0\xaf z", 100), "a\ufffd\ufffd\ufffd z");
  EXPECT_EQ(clean_text("\xed\xa0\x80", 100), "\ufffd\ufffd\ufffd") << "a lone surrogate";
  EXPECT_EQ(clean_text("cut \xf0\x9f\x91", 100), "cut \ufffd\ufffd\ufffd");
}

TEST(CleanText, CountsCharactersAndNotBytes) {
  EXPECT_EQ(clean_text("äöü", 2), "äö");
  EXPECT_EQ(clean_text("ab cd", 3), "ab") << "no blank is left at the end";
  EXPECT_EQ(clean_text("anything", 0), "");
}

TEST(WholeSentences, ABeginningThatWasCutOffIsLeftOut) {
  EXPECT_EQ(whole_sentences("Clear and easy to follow. The"), "Clear and easy to follow.");
  EXPECT_EQ(whole_sentences("Good. Better! Best?"), "Good. Better! Best?");
  EXPECT_EQ(whole_sentences("It took 3.5 hours"), "It took 3.5 hours");
  EXPECT_EQ(whole_sentences("no sentence at all"), "no sentence at all");
  EXPECT_EQ(whole_sentences("... so"), "...");
  EXPECT_EQ(whole_sentences(""), "");
}

TEST(BeforeMarkup, WhatNobodySpeaksEndsTheText) {
  EXPECT_EQ(before_markup("The trip was nice.</description>},{"), "The trip was nice.");
  EXPECT_EQ(before_markup("It is cold.']}"), "It is cold.");
  EXPECT_EQ(before_markup("Maria\", \"due\": [null"), "Maria\", \"due") << "quotation marks may have been heard";
  EXPECT_EQ(before_markup("She said \"no\""), "She said \"no\"") << "without such a sign nothing is taken away";
  EXPECT_EQ(before_markup("<b>"), "");
  EXPECT_EQ(before_markup("' {"), "");
  EXPECT_EQ(before_markup(""), "");
}

}  // namespace
}  // namespace holdfast::grounding
