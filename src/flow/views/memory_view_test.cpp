#include "flow/views/memory_view.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "core/base/instant.hpp"
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
                         {.kind = ExtractionKind::action,
                          .text = "Call Anna.",
                          .segments = {1, 7},
                          .due = "tomorrow at 5 pm",
                          .people = {"Anna"}}}};
  return record;
}

TEST(MemoryView, FR_9_AnItemShowsItsMemoriesAndActionItems) {
  const auto result = item_object(a_record(), 0).at("result").as_object();

  EXPECT_EQ(to_text(result.at("memories")),
            R"([{"text":"We fly.","segments":[0],"confidence":0.75,"people":[],"places":[],"when":[]}])");
  EXPECT_EQ(to_text(result.at("action_items")),
            R"([{"text":"Call Anna.","segments":[1,7],"confidence":0,"people":["Anna"],"places":[],"owner":null,)"
            R"("due":"tomorrow at 5 pm","when":[],"due_at":null,"due_until":null,"due_rule":null}])");
}

TEST(MemoryView, FR_9_DaysThatWereSaidAreHeldAgainstWhenItWasRecorded) {
  ItemRecord record = a_record();
  record.extractions[0].made.text = "Leo will fly on Friday.";
  record.recorded = {.at = *parse_instant("2026-11-25T10:30:00Z"), .offset = std::chrono::hours{1}};

  const auto result = item_object(record, 0).at("result").as_object();

  EXPECT_EQ(to_text(result.at("memories").at(0).at("when")),
            R"([{"said":"Friday","at":"2026-11-27","until":null,"rule":"weekday_ahead"}])");
  const auto& action = result.at("action_items").at(0);
  EXPECT_EQ(action.at("due"), "tomorrow at 5 pm") << "the words stay beside it";
  EXPECT_EQ(action.at("due_at"), "2026-11-26T17:00:00+01:00");
  EXPECT_EQ(action.at("due_rule"), "tomorrow+time");
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
  EXPECT_TRUE(shown.at("utc_offset").is_null());
}

TEST(MemoryView, FR_9_ASearchSaysWhatWasFoundWhereAndWhy) {
  similar::Recall recall{.words = {"anna"}, .found = {}, .degraded = {}};
  OwnedExtraction taken{.item = ItemId{"itm_1"}, .stored = a_record().extractions[1], .start_ms = 1'550};
  taken.also_in = {ItemId{"itm_0"}};
  similar::Recalled first{.extraction = taken, .said = {}, .by_words = true, .by_meaning = true};
  first.similarity = 0.75;
  first.score = 0.5;
  const SaidText said{.item = ItemId{"itm_2"}, .segment = 4, .text = "Anna said so.", .start_ms = 8'000};
  const similar::Recalled second{.extraction = {}, .said = said, .by_words = true};
  recall.found = {first, second};

  auto shown = recall_object(recall);

  EXPECT_EQ(shown.at("mode"), "words_and_meaning");
  EXPECT_TRUE(shown.at("degraded").is_null());
  const auto& action = shown.at("data").at(0);
  EXPECT_EQ(action.at("kind"), "action");
  EXPECT_EQ(action.at("id"), 4);
  EXPECT_EQ(action.at("page"), "/#/items/itm_1@1.5");
  EXPECT_EQ(to_text(action.at("found_by")), R"(["words","meaning"])");
  EXPECT_EQ(action.at("similarity"), 0.75);
  EXPECT_EQ(to_text(action.at("also_in")), R"(["itm_0"])");
  EXPECT_EQ(to_text(shown.at("data").at(1)),
            R"({"id":null,"item":"itm_2","segments":[4],"start_s":8,"kind":"said","snippet":"Anna said so.",)"
            R"("found_by":["words"],"similarity":null,"score":0,"page":"/#/items/itm_2@8.0"})");
  recall.degraded = Error{ErrorClass::dependency, "HF-EMB-05", "internal words"};
  shown = recall_object(recall);
  EXPECT_EQ(shown.at("mode"), "words");
  EXPECT_EQ(shown.at("degraded").at("code"), "HF-EMB-05");
  EXPECT_NE(shown.at("degraded").at("message").as_string(), "internal words");
}

TEST(MemoryView, OneOfAListSaysWhereItComesFrom) {
  const auto shown = owned_extraction_object({ItemId{"itm_1"}, a_record().extractions[1], 1'500});

  EXPECT_EQ(shown.at("id"), 4);
  EXPECT_EQ(shown.at("item"), "itm_1");
  EXPECT_EQ(shown.at("start_s"), 1.5);
}

}  // namespace
}  // namespace holdfast::views
