#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "app/recipes/recipe_book.hpp"

namespace holdfast::recipes {
namespace {

using modes::Mode;
using modes::Stages;

const RecipeBook& bundled() {
  static const RecipeBook book = load_recipes(std::filesystem::path{HF_SOURCE_DIR} / "recipes").value();
  return book;
}

/// The mode that an item is done in, asked for so, while those stages lead nowhere and those have a smaller model.
std::string done(const Recipe& recipe, std::string_view asked, const Stages& away, const Stages& less) {
  const auto is_away = [&](const StageConfig& stage) { return away.contains(stage.name); };
  const auto has_less = [&](const StageConfig& stage) { return less.contains(stage.name); };
  return recipe.modes[modes::choose(recipe.modes, asked, health_of(recipe, is_away, has_less))].name;
}

struct Row {
  const char* recipe;
  const char* asked;
  const char* as_configured;
  const char* with_a_smaller_model;
};

TEST(ModeTable, FG_2_SpeechGoesDownForMemoryAloneAndALanguageModelThatIsAwayIsWaitedFor) {
  constexpr Row kTable[] = {
      {"voicesync", "", "accurate", "small"},
      {"voicesync", "accurate", "accurate", "small"},
      {"voicesync", "fast", "fast", "small"},
      {"introductions", "", "full", "full_small"},
      {"introductions", "full", "full", "full_small"},
      {"introductions", "form", "form", "form_small"},
      {"introductions", "transcript", "transcript", "transcript_small"},
      {"memories", "", "full", "small"},
      {"memories", "full", "full", "small"},
      {"memories", "fast", "fast", "small"},
      {"memories", "transcript", "transcript", "transcript_small"},
  };
  for (const Row& row : kTable) {
    const Recipe& recipe = bundled().at(row.recipe);
    for (const Stages& away : {Stages{}, Stages{"mistral"}, Stages{"llama"}, Stages{"memories", "action_items"},
                               Stages{"stt"}, Stages{"stt", "mistral", "llama", "memories", "action_items"}}) {
      EXPECT_EQ(done(recipe, row.asked, away, {}), row.as_configured) << row.recipe << ' ' << row.asked;
      EXPECT_EQ(done(recipe, row.asked, away, {"stt"}), row.with_a_smaller_model) << row.recipe << ' ' << row.asked;
    }
  }
}

/// All subsets of the stages.
std::vector<Stages> subsets(const Stages& all) {
  std::vector<Stages> out{{}};
  for (const std::string& stage : all) {
    const std::size_t before = out.size();
    for (std::size_t i = 0; i < before; ++i) {
      out.push_back(out[i]);
      out.back().insert(stage);
    }
  }
  return out;
}

/// By the words of the promise, not by how it is kept.
bool is_possible(const Mode& mode, const modes::Health& health) {
  bool possible = !mode.last_resort;
  for (const std::string& stage : mode.stages)
    possible = possible && !health.out.contains(stage) && !health.less.contains(stage);
  for (const std::string& stage : mode.smaller) possible = possible && !health.out.contains(stage);
  return possible;
}

void check_choice(const Recipe& recipe, std::size_t asked, const modes::Health& health) {
  const auto& all = recipe.modes;
  const std::size_t chosen = modes::choose(all, all[asked].name, health);
  ASSERT_GE(chosen, asked) << "nothing fuller than what was asked for";
  for (std::size_t i = asked; i < chosen; ++i)
    EXPECT_TRUE(!is_possible(all[i], health) || all[chosen].last_resort) << recipe.name << ' ' << all[i].name;
  if (all[chosen].last_resort) return;
  for (std::size_t i = asked; i < all.size(); ++i) {
    if (is_possible(all[i], health)) EXPECT_TRUE(is_possible(all[chosen], health)) << recipe.name << ' ' << asked;
  }
}

TEST(ModeTable, FG_2_EveryBundledRecipeIsDoneInTheFullestModeThatIsPossibleInEveryCombination) {
  std::size_t combinations = 0;
  for (const auto& [name, recipe] : bundled()) {
    const Stages optional = modes::optional_stages(recipe.modes);
    for (const Stages& out : subsets(optional)) {
      for (const Stages& less : subsets(optional)) {
        for (std::size_t asked = 0; asked < recipe.modes.size(); ++asked, ++combinations)
          check_choice(recipe, asked, {.out = out, .less = less});
      }
    }
  }
  EXPECT_GT(combinations, 1'000U);
}

TEST(ModeTable, FG_2_EveryModeOfARecipeSaysWhatItCosts) {
  std::size_t with_modes = 0;
  for (const auto& [name, recipe] : bundled()) {
    with_modes += recipe.modes.empty() ? 0 : 1;
    for (const Mode& mode : recipe.modes) EXPECT_FALSE(mode.latency.empty() || mode.quality.empty()) << name;
  }
  EXPECT_EQ(with_modes, 4U);
}

TEST(ModeTable, FG_2_AModeSaysHowManyHypothesesAreFollowed) {
  const Recipe& recipe = bundled().at("voicesync");
  const StageConfig& stt = *find_stage(recipe, "stt");
  EXPECT_EQ(in_mode(recipe, stt, "accurate").beam_size, stt.beam_size);
  EXPECT_EQ(in_mode(recipe, stt, "fast").beam_size, 1U);
  StageConfig one = stt;
  one.beam_size = 1;
  EXPECT_EQ(in_mode(recipe, one, "accurate").beam_size, 1U) << "the operator's word is the most";
}

}  // namespace
}  // namespace holdfast::recipes
