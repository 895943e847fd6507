#include "core/catalogue/catalogue.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string_view>

namespace holdfast {
namespace {

TEST(Catalogue, EveryEntryIsCompleteAndItsCodeUnique) {
  std::set<std::string_view> seen;
  for (const auto& entry : catalogue::all()) {
    EXPECT_TRUE(seen.insert(entry.code).second) << entry.code;
    EXPECT_EQ(entry.code.size(), 9U) << entry.code;
    EXPECT_TRUE(entry.status >= 400 && entry.status < 600) << entry.code;
    EXPECT_FALSE(entry.title.empty()) << entry.code;
    // The words of HF-ADM-01 are agreed with those who read them (LAB_8), to the letter.
    EXPECT_TRUE(entry.message.ends_with(".") || entry.code == "HF-ADM-01") << entry.code;
    EXPECT_TRUE(entry.what_to_do.ends_with(".")) << entry.code;
  }
}

TEST(Catalogue, SentencesKeepTheWordingRules) {
  for (const auto& entry : catalogue::all()) {
    for (const std::string_view text : {entry.title, entry.message, entry.what_to_do}) {
      EXPECT_EQ(text.find('!'), std::string_view::npos) << entry.code;
      EXPECT_EQ(text.find("oops"), std::string_view::npos) << entry.code;
      EXPECT_EQ(text.find("try again later"), std::string_view::npos) << entry.code;
    }
  }
}

TEST(Catalogue, WaitingIsOnlyOfferedWhereRepeatingCanHelp) {
  for (const auto& entry : catalogue::all()) {
    if (entry.retry_after_s > 0) EXPECT_TRUE(entry.retryable) << entry.code;
    if (entry.status == 429) EXPECT_GT(entry.retry_after_s, 0U) << entry.code;
  }
  EXPECT_EQ(catalogue::find("HF-STO-02")->retry_after_s, 0U) << "a full disk needs a person";
}

TEST(Catalogue, AnUnlistedCodeIsDescribedAsUnexpected) {
  EXPECT_EQ(catalogue::find("HF-ZZZ-99"), nullptr);
  EXPECT_EQ(catalogue::describe("HF-ZZZ-99").code, "HF-SRV-01");
  EXPECT_EQ(catalogue::describe("HF-UPL-01").status, 413U);
}

}  // namespace
}  // namespace holdfast
