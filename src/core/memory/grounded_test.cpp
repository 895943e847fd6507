#include "core/memory/grounded.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace holdfast::memory {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<SaidLine> said(const std::vector<std::string>& lines) {
  std::vector<SaidLine> out;
  for (const std::string& line : lines) {
    out.push_back({.segment = 10 + out.size(), .words = grounding::compared_words(line), .confidence = 0.9});
  }
  return out;
}

const std::vector<SaidLine> kTrip =
    said({"We fly to Lisbon on the 12th of June.", "Sarah has to book the hotel tomorrow.",
          "I don't like window seats.", "I should call the airline before Friday.", "Good night."});

std::optional<Extraction> memory(std::string_view text) { return grounded({.text = text}, kTrip); }
std::optional<Extraction> action(std::string_view text, std::string_view owner, std::string_view due) {
  return grounded({.kind = ExtractionKind::action, .text = text, .owner = owner, .due = due}, kTrip);
}

TEST(GroundedMemory, FR_9_WhatWasSaidIsTiedToItsSegments) {
  const auto flight = memory("To Lisbon they fly on the 12th of June");

  ASSERT_TRUE(flight);
  EXPECT_EQ(flight->kind, ExtractionKind::memory);
  EXPECT_THAT(flight->segments, ElementsAre(10));
  EXPECT_DOUBLE_EQ(flight->confidence, 0.9);
}

TEST(GroundedMemory, FR_9_WhatWasNotSaidIsNotTaken) {
  for (const char* made_up :
       {"We fly to Madrid on the 12th of June.", "Sarah has to book the famous expensive hotel tomorrow.",
        "We fly to Lisbon on the 13th of June.", "The weather will be sunny.", "unknown", "", "Good", "I am"}) {
    EXPECT_FALSE(memory(made_up)) << made_up;
  }
}

TEST(GroundedMemory, FR_9_WordsFromAllOverARecordingProveNothing) {
  EXPECT_TRUE(memory("Sarah has to book the hotel."));
  EXPECT_FALSE(memory("Fly to Lisbon, good night."));  // the first and the last line
}

TEST(GroundedMemory, FR_9_WhatIsPutTogetherFromSeveralSegmentsIsLessCertain) {
  const auto mixed = memory("Sarah has to book window seats.");

  ASSERT_TRUE(mixed);
  EXPECT_THAT(mixed->segments, ElementsAre(11, 12));
  EXPECT_LT(mixed->confidence, 0.5);
}

TEST(GroundedMemory, FR_9_TheOppositeOfWhatWasSaidIsDoubtful) {
  EXPECT_LE(memory("I like window seats.")->confidence, kDoubtful);
  EXPECT_LE(memory("Sarah does not have to book the hotel.")->confidence, kDoubtful);
  EXPECT_GT(memory("I do not like window seats.")->confidence, 0.5);
}

TEST(GroundedMemory, FR_9_AnOwnerOrATimeThatWasNotSaidThereIsLeftOut) {
  const auto booking = action("Sarah has to book the hotel", "Sarah", "tomorrow");
  EXPECT_EQ(booking->owner, "Sarah");
  EXPECT_EQ(booking->due, "tomorrow");
  EXPECT_EQ(action("Sarah has to book the hotel", "Sarah', {", "tomorrow</due>")->owner, "Sarah");
  EXPECT_EQ(action("Sarah has to book the hotel", "Sarah', {", "tomorrow</due>")->due, "tomorrow");

  const auto wrong = action("book the hotel", "Peter", "Friday");  // Friday is said of something else
  ASSERT_TRUE(wrong);
  EXPECT_EQ(wrong->owner, "");
  EXPECT_EQ(wrong->due, "");
}

TEST(GroundedMemory, WhoSpeaksOfThemselvesIsTheSpeaker) {
  EXPECT_EQ(action("call the airline", "I", "Friday")->owner, "speaker");
  EXPECT_EQ(action("book the hotel", "me", "")->owner, "");  // nobody spoke of themselves there
}

TEST(GroundedMemory, HostileTextIsCleanedAndCut) {
  const auto made = memory("Sarah has to\x01 book\n\xE2\x80\xAE the hotel");
  ASSERT_TRUE(made);
  EXPECT_EQ(made->text.find_first_of("\x01\n"), std::string::npos);
  EXPECT_FALSE(grounded({.text = std::string(100'000, 'a')}, kTrip));
  EXPECT_FALSE(grounded({.text = "book the hotel"}, {}));
}

TEST(Sentences, AreTakenApartWhereTheyEnd) {
  EXPECT_THAT(sentences_of("1. Call Mr. Brown. 2. Pay 3.50 euros on the 3. May! Who? And then"),
              ElementsAre("Call Mr. Brown.", "Pay 3.50 euros on the 3. May!", "Who?"));
  EXPECT_THAT(sentences_of("call the dentist"), ElementsAre("call the dentist"));
  EXPECT_THAT(sentences_of("Done."), ElementsAre("Done."));
  EXPECT_THAT(sentences_of(""), IsEmpty());
  EXPECT_THAT(sentences_of("1234. 5. ... 20.12.2024"), IsEmpty());
}

TEST(Sentences, FR_9_WhatNobodySpeaksIsNotPartOfThem) {
  EXPECT_THAT(sentences_of("The trip was nice.</description>},{"), ElementsAre("The trip was nice."));
  EXPECT_THAT(sentences_of("The water was cold.']}"), ElementsAre("The water was cold."));
  EXPECT_THAT(sentences_of("{\"text\": \"call the dentist\"}"), IsEmpty());
}

Extraction found(std::string text, std::vector<std::size_t> segments, double confidence = 0.5) {
  return {.text = std::move(text), .segments = std::move(segments), .confidence = confidence};
}

std::vector<Extraction> merged(std::vector<Extraction> there, std::vector<Extraction> more) {
  EXPECT_EQ(add_new(there, std::move(more), 100), 0U);
  return there;
}

TEST(AddNew, FR_9_TheOppositeIsNotTheSame) {
  const auto both =
      merged({found("Buy the red chairs on Friday.", {1})}, {found("Do not buy the red chairs on Friday.", {5})});

  EXPECT_EQ(both.size(), 2U);
}

TEST(AddNew, FR_9_WhatIsSaidTwiceIsThereOnceWithBothPlaces) {
  const auto one = merged({found("Call the dentist on Monday.", {1}, 0.4)},
                          {found("I have to call the dentist on Monday morning.", {7}, 0.9),
                           found("call the dentist on Monday", {1}, 0.2)});

  ASSERT_EQ(one.size(), 1U);
  EXPECT_EQ(one[0].text, "I have to call the dentist on Monday morning.");
  EXPECT_THAT(one[0].segments, ElementsAre(1, 7));
  EXPECT_DOUBLE_EQ(one[0].confidence, 0.9);
}

TEST(AddNew, FR_9_WhatDiffersInANumberOrANameStaysApart) {
  EXPECT_EQ(merged({found("The rent for the flat in the old town is 800 euros", {1})},
                   {found("The rent for the flat in the old town is 900 euros", {2})}).size(), 2U);
  EXPECT_EQ(merged({found("My sister moves to a new flat in Hamburg in October", {1})},
                   {found("My sister moves to a new flat in Bremen in October", {2})}).size(), 2U);
  Extraction friday = found("call the airline", {1});
  Extraction monday = found("call the airline", {2});
  friday.due = "Friday";
  monday.due = "Monday";
  EXPECT_EQ(merged({friday}, {monday}).size(), 2U);
}

TEST(AddNew, CountsWhatHasNoRoom) {
  std::vector<Extraction> there{found("buy bread", {1})};

  EXPECT_EQ(add_new(there, {found("sell cars", {2}), found("buy bread", {3}), found("wash dishes", {4})}, 2), 1U);
  EXPECT_EQ(there.size(), 2U);
}

TEST(Title, IsCutBetweenWords) {
  EXPECT_EQ(title_of("A short note"), "A short note");
  EXPECT_EQ(title_of(""), "");
  EXPECT_EQ(title_of("Today we talked about the garden and then about the house of my aunt"),
            "Today we talked about the garden and then about the house of...");
  EXPECT_EQ(title_of(std::string(70, 'x')), std::string(60, 'x') + "...");
}

}  // namespace
}  // namespace holdfast::memory
