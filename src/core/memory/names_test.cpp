#include "core/memory/names.hpp"

#include <gtest/gtest.h>

namespace holdfast::memory {
namespace {

std::string names(std::string_view text, std::string_view said = {}, std::string_view owner = {}) {
  const std::vector<SaidLine> lines{{.words = grounding::compared_words(said.empty() ? text : said), .confidence = 1}};
  const Names found = names_in(text, owner, lines);
  std::string all;
  for (const std::string& name : found.people) all += "person " + name + "; ";
  for (const std::string& name : found.places) all += "place " + name + "; ";
  return all;
}

TEST(Names, FR_9_PeopleStandBesideWordsThatTellOfThem) {
  EXPECT_EQ(names("I have to call Anna Keller on Monday."), "person Anna Keller; ");
  EXPECT_EQ(names("My sister Maria moves to Hamburg."), "person Maria; place Hamburg; ");
  EXPECT_EQ(names("Ben brings the documents."), "person Ben; ");
  EXPECT_EQ(names("Send the invoice to Mr. Brown."), "person Brown; ");
  EXPECT_EQ(names("Send the invoice to Clara."), "person Clara; ");
  EXPECT_EQ(names("My name is Leo."), "person Leo; ");
  EXPECT_EQ(names("Meet Anna's brother Tom."), "person Anna; person Tom; ");
  EXPECT_EQ(names("Prepare the slides.", "Prepare the slides, Jana.", "Jana"), "person Jana; ");
}

TEST(Names, FR_9_PlacesStandBesideWordsThatTellOfThem) {
  EXPECT_EQ(names("She lives in New York."), "place New York; ");
  EXPECT_EQ(names("We fly from Berlin to Rome."), "place Berlin; place Rome; ");
  EXPECT_EQ(names("The office is near Leipzig."), "place Leipzig; ");
}

TEST(Names, FR_9_WhatStandsAloneOrWasHeardOtherwiseIsNoName) {
  EXPECT_EQ(names("Monday is free."), "");
  EXPECT_EQ(names("The exam is in May, in English."), "");
  EXPECT_EQ(names("Please call the office."), "");
  EXPECT_EQ(names("Siemens is large."), "") << "nothing tells what it is the name of";
  EXPECT_EQ(names("Berlin will be cold."), "");
  EXPECT_EQ(names("Call Anna.", "call the banana"), "") << "nobody said that name";
  EXPECT_EQ(names("Call Rose.", "call about the rose"), "") << "it was not heard as a name";
  EXPECT_EQ(names(""), "");
  EXPECT_EQ(names("Prepare it.", "prepare it", "the team"), "");
}

TEST(Names, FR_9_ThereIsALimitOfNames) {
  std::string text;
  for (char letter = 'A'; letter <= 'Z'; ++letter) text += "call " + std::string(3, letter) + " ";
  const std::vector<SaidLine> lines{{.words = grounding::compared_words(text), .confidence = 1}};
  EXPECT_EQ(names_in(text, "", lines).people.size(), kNamesMax);
}

}  // namespace
}  // namespace holdfast::memory
