#include "flow/queue/fuller.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace holdfast::queue {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Recipe a_recipe() {
  Recipe recipe{.name = "spoken", .stages = {{.name = "upload", .kind = "upload"}}};
  recipe.stages.push_back({.name = "stt", .kind = "transcribe"});
  recipe.stages.push_back({.name = "form", .kind = "generate"});
  recipe.modes = {{.name = "full", .stages = {"stt", "form"}},
                  {.name = "quick", .stages = {"stt", "form"}},
                  {.name = "text", .stages = {"stt"}},
                  {.name = "small", .smaller = {"stt"}}};
  recipe.modes[1].settings["stt"].beam_size = 1;
  return recipe;
}

Job asked_in(const std::string& mode) { return {.recipe = "spoken", .requested_mode = mode, .mode = mode}; }

TEST(Fuller, FG_2_NamesTheStagesOfTheModeAndWhatItDoesInAnotherWay) {
  const auto from_text = fuller(asked_in("text"), a_recipe(), "full");
  ASSERT_TRUE(from_text) << from_text.error().what();
  EXPECT_EQ(from_text->plan.size(), 3U);
  EXPECT_THAT(from_text->anew, IsEmpty()) << "the transcript is as good as the mode's";
  const auto from_quick = fuller(asked_in("quick"), a_recipe(), "full");
  ASSERT_TRUE(from_quick);
  EXPECT_THAT(from_quick->anew, ElementsAre("stt")) << "one hypothesis is not five";
}

TEST(Fuller, FG_2_NoModeThatCannotBeAskedForAndNoneThatIsLess) {
  EXPECT_EQ(fuller(asked_in("text"), a_recipe(), "small").error().code(), "HF-UPL-11");
  EXPECT_EQ(fuller(asked_in("text"), a_recipe(), "wild").error().code(), "HF-UPL-11");
  EXPECT_EQ(fuller(asked_in("text"), a_recipe(), "").error().code(), "HF-UPL-11");
  EXPECT_EQ(fuller(asked_in("full"), a_recipe(), "text").error().code(), "HF-ITM-11");
  EXPECT_TRUE(fuller(asked_in("full"), a_recipe(), "full")) << "what is lesser of it is done again";
}

}  // namespace
}  // namespace holdfast::queue
