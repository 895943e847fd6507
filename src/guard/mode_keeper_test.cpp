#include "guard/mode_keeper.hpp"

#include <set>

#include "guard/guard_test_kit.hpp"

namespace holdfast::guard {
namespace {

class ModeKeeperTest : public testing::GuardTest {
 protected:
  ModeKeeperTest() {
    Recipe recipe{.name = "fragrance", .title = "Fragrance brief"};
    recipe.stages = {{.name = "qwen", .fallbacks = {{}}}, {.name = "llama", .fallbacks = {{}}}};
    recipe.modes = {{.name = "full", .stages = {"qwen", "llama"}},
                    {.name = "fast", .stages = {"qwen"}},
                    {.name = "emergency", .last_resort = true}};
    recipes_["fragrance"] = recipe;
    recipes_["voicesync"] = Recipe{.name = "voicesync"};
    Recipe speaking{.name = "speaking", .stages = {{.name = "stt"}, {.name = "form"}}};
    speaking.modes = {{.name = "full", .stages = {"stt", "form"}},
                      {.name = "small", .stages = {"form"}, .smaller = {"stt"}},
                      {.name = "transcript", .stages = {"stt"}}};
    recipes_["speaking"] = speaking;
    keeper_ = std::make_unique<ModeKeeper>(
        ModeKeeper::Deps{.recipes = recipes_,
                         .clock = clock_,
                         .is_away = [this](const StageConfig& stage) { return away_.contains(stage.name); },
                         .has_less = [this](const StageConfig& stage) { return less_.contains(stage.name); },
                         .log = &log_});
    run(keeper_->run());
  }
  ~ModeKeeperTest() override {
    keeper_->stop();
    settle();
  }
  std::string mode() { return keeper_->mode_of("fragrance")->name; }

  RecipeBook recipes_;
  std::set<std::string> away_;
  std::set<std::string> less_;
  std::unique_ptr<ModeKeeper> keeper_;
};

TEST_F(ModeKeeperTest, FG_2_GoesDownWithTheHealthAndUpAgainAfterTheDwell) {
  EXPECT_EQ(mode(), "full");
  away_ = {"llama"};
  keeper_->ring();
  settle();
  EXPECT_EQ(mode(), "fast");
  away_ = {};
  keeper_->ring();
  pass(milliseconds{59'999});
  EXPECT_EQ(mode(), "fast");
  pass(milliseconds{1});
  EXPECT_EQ(mode(), "full");
  EXPECT_THAT(log_.lines,
              ::testing::ElementsAre("! mode fragrance fast full llama", "mode fragrance full fast "));
}

TEST_F(ModeKeeperTest, FG_6_TheLastResortIsEnteredAndLeftByItself) {
  away_ = {"qwen", "llama"};
  keeper_->ring();
  settle();
  EXPECT_TRUE(keeper_->in_last_resort("fragrance"));
  away_ = {};
  pass(milliseconds{70'000});
  EXPECT_FALSE(keeper_->in_last_resort("fragrance"));
}

TEST_F(ModeKeeperTest, FG_2_AFlappingServiceLeavesTheModeWhereItIs) {
  for (int times = 0; times < 20; ++times) {
    away_ = {"llama"};
    pass(milliseconds{20'000});
    away_ = {};
    pass(milliseconds{20'000});
  }
  EXPECT_EQ(log_.lines.size(), 1U);
  EXPECT_EQ(mode(), "fast");
}

TEST_F(ModeKeeperTest, FG_14_ASmallerModelIsTheRecipesModeUntilTheWorkerHasClimbed) {
  less_ = {"stt"};
  keeper_->ring();
  settle();
  EXPECT_EQ(keeper_->mode_of("speaking")->name, "small");
  EXPECT_EQ(keeper_->all().at("speaking").less, std::vector<std::string>{"stt"});
  less_ = {};
  pass(milliseconds{70'000});
  EXPECT_EQ(keeper_->mode_of("speaking")->name, "full");
}

TEST_F(ModeKeeperTest, LAB_9_WhatWaitsForItsModelLeavesNothingOut) {
  away_ = {"stt", "form"};
  keeper_->ring();
  settle();
  EXPECT_EQ(keeper_->mode_of("speaking")->name, "full") << "a stage without fallbacks waits";
}

TEST_F(ModeKeeperTest, ARecipeWithOneWayHasNoMode) {
  EXPECT_EQ(keeper_->mode_of("voicesync"), nullptr);
  EXPECT_FALSE(keeper_->in_last_resort("voicesync"));
}

}  // namespace
}  // namespace holdfast::guard
