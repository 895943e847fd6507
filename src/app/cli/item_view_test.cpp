#include "app/cli/item_view.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace holdfast::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(ItemPage, FR_9_TellsMemoriesAndActionItemsInWords) {
  const std::string page = item_page(R"({"id":"itm_1","status":"completed","result":{
    "transcript":{"text":"a","segments":[{"start_s":0},{"start_s":12.4}]},
    "memories":[{"text":"We fly.\u001b[2J","segments":[0],"confidence":0.9},
                {"text":"By hand","segments":[],"confidence":1},
                {"text":"odd","segments":["x"],"confidence":0.1}],
    "action_items":[{"text":"Call Anna.","segments":[1,0],"confidence":0.3,"owner":"Bob","due":"Friday",
                     "due_at":"2026-11-27"}]}})");

  EXPECT_THAT(page, HasSubstr("\nMemories\n  We fly."));
  EXPECT_THAT(page, HasSubstr("  By hand\n  odd  (uncertain)\n"));
  EXPECT_THAT(page, HasSubstr("\nAction items\n  Call Anna.  "
                              "(at 12 s; who: Bob; when: Friday, 2026-11-27; uncertain)\n"));
  EXPECT_THAT(page, Not(HasSubstr("\x1b")));
}

TEST(FoundTable, FR_9_TellsWhereWhatAndWhyALineEach) {
  const auto table = found_table(R"({"data":[
    {"kind":"action","item":"itm_1","start_s":12.4,"snippet":"Call Anna.\u001b[2J","found_by":["words","meaning"],
     "similarity":0.754},
    {"kind":"said","item":"itm_2","start_s":null,"snippet":"a","found_by":["words"],"similarity":null},
    {"kind":"memory","item":"itm_3","start_s":0,"snippet":"b","found_by":["meaning",7],"similarity":1.0},7]})", false);

  ASSERT_TRUE(table.has_value());
  EXPECT_THAT(*table, HasSubstr("itm_1\t12 s\taction\tCall Anna."));
  EXPECT_THAT(*table, HasSubstr("\twords, meaning 0.75\n"));
  EXPECT_THAT(*table, HasSubstr("itm_2\t-\tsaid\ta\twords\n"));
  EXPECT_THAT(*table, HasSubstr("itm_3\t0.0 s\tmemory\tb\tmeaning 0.99\n"));
  EXPECT_THAT(*table, Not(HasSubstr("\x1b")));
  EXPECT_FALSE(found_table("nonsense", false).has_value());
}

TEST(ItemPage, FG_1_TellsABriefItsCheckAndHints) {
  const std::string page = item_page(R"({"id":"itm_1","status":"completed","result":{
    "brief":{"style":"woody","intensity":0.6,"complexity":0.255,"product_category":"EDP",
             "notes_preference":{"cedar":0.8,"vanilla":0,"odd\u001b[2J":"x"}},
    "validation":{"valid":true,"errors":[],"warnings":["the IFRA check was skipped"],"ifra_compliance":"unknown"},
    "hints":["Tell of a cabin.",7]}})");

  EXPECT_THAT(page, HasSubstr("\nBrief\n  style           woody\n  product         EDP\n  intensity       60 %\n"));
  EXPECT_THAT(page, HasSubstr("cedar 80 %, vanilla 0 %"));
  EXPECT_THAT(page, HasSubstr("\nCheck\n  valid           yes\n  IFRA            unknown\n  - the IFRA check"));
  EXPECT_THAT(page, HasSubstr("\nHints\n  - Tell of a cabin.\n"));
  EXPECT_THAT(page, Not(HasSubstr("\x1b")));
}

TEST(ItemPage, FG_2_TellsThatItWasDoneInALesserWayWhyAndWhatThatCosts) {
  const std::string page = item_page(R"page({"id":"itm_1","status":"completed","downshift":{
    "warning":"Done in mode \"fallback\" instead of \"creative\".","reason":"Writing: Worker stopped (HF-ENG-03)",
    "impact":{"latency":"at once","quality":"low","lost":["hints","a check"]},
    "stages":[{"stage":"qwen","strategy":"similar","reliability":"medium","answered":"fresh\u001b[2J"}]}})page");

  EXPECT_THAT(page, HasSubstr("\nDone in mode \"fallback\" instead of \"creative\".\n  Writing: Worker stopped"));
  EXPECT_THAT(page, HasSubstr("  left out      hints, a check\n  quality       low\n"));
  EXPECT_THAT(page, HasSubstr("  qwen          similar, reliability medium: the answer to \"fresh"));
  EXPECT_THAT(page, Not(HasSubstr("\x1b")));
  EXPECT_THAT(item_page(R"({"id":"i","downshift":null})"), Not(HasSubstr("instead of")));
}

TEST(ItemPage, SaysWhereNothingWasFoundAndNothingOfOtherRecipes) {
  EXPECT_THAT(item_page(R"({"id":"i","result":{"memories":[]}})"), HasSubstr("\nMemories\n  None were found.\n"));
  EXPECT_THAT(item_page(R"({"id":"i","result":{"form":{}}})"), Not(HasSubstr("Memories")));
}

}  // namespace
}  // namespace holdfast::cli
