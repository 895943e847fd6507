#include "flow/views/memory_view.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "flow/stages/extraction_json.hpp"
#include "flow/views/item_view.hpp"
#include "flow/views/json_text.hpp"

namespace holdfast::views {
namespace {

namespace json = boost::json;

ItemRecord a_record() {
  ItemRecord record{.job = {.id = ItemId{"itm_1"}, .status = JobStatus::completed}};
  record.segments = {{0, 1'500, "We fly <b>tomorrow</b>.", 0.9, {}}, {1'500, 3'000, "Call Anna.", 0.8, {}}};
  record.results = {{"memories", "memories", R"({"extracts":"memory"})"},
                    {"tasks", "action_items", R"({"extracts":"action"})"}};
  record.extractions = {{3, "memories", {.text = "We fly.", .segments = {0}, .confidence = 0.75}},
                        {4,
                         "tasks",
                         {.kind = ExtractionKind::action, .text = "Call Anna.", .segments = {1, 7}, .due = "now"}}};
  return record;
}

TEST(MemoryView, FR_9_AnItemShowsItsMemoriesAndActionItems) {
  const auto result = item_object(a_record(), 0).at("result").as_object();

  EXPECT_EQ(to_text(result.at("memories")), R"([{"text":"We fly.","segments":[0],"confidence":0.75}])");
  EXPECT_EQ(to_text(result.at("action_items")),
            R"([{"text":"Call Anna.","segments":[1,7],"confidence":0,"owner":null,"due":"now"}])");
}

TEST(MemoryView, FR_9_AWholeSessionNamesTheWordsThatEachComesFrom) {
  const MemorySession session{.item = ItemId{"itm_1"},
                              .status = JobStatus::completed,
                              .duration_ms = 3'000,
                              .first_words = "  We\n fly  ",
                              .memories = 1,
                              .actions = 1};

  const auto shown = whole_session_object(session, a_record());

  EXPECT_EQ(shown.at("title"), "We fly");
  EXPECT_EQ(to_text(shown.at("memories").at(0).at("evidence")),
            R"([{"segment":0,"start_s":0,"end_s":1.5,"text":"We fly <b>tomorrow</b>."}])");
  EXPECT_EQ(shown.at("action_items").at(0).at("evidence").as_array().size(), 1U) << "segment 7 is not there";
}

TEST(MemoryView, ASessionOfWhichNothingIsKnownYetSaysSo) {
  const auto shown = session_object({.item = ItemId{"itm_1"}});

  EXPECT_TRUE(shown.at("title").is_null());
  EXPECT_TRUE(shown.at("duration_s").is_null());
  EXPECT_EQ(shown.at("started_at"), "1970-01-01T00:00:00.000Z");
}

TEST(MemoryView, OneOfAListSaysWhereItComesFrom) {
  const auto shown = owned_extraction_object({ItemId{"itm_1"}, a_record().extractions[1], 1'500});

  EXPECT_EQ(shown.at("id"), 4);
  EXPECT_EQ(shown.at("item"), "itm_1");
  EXPECT_EQ(shown.at("start_s"), 1.5);
}

}  // namespace
}  // namespace holdfast::views
