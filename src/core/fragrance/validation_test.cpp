#include "core/fragrance/validation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace holdfast::fragrance {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Brief a_brief() {
  return {.style = "woody",
          .intensity = 0.6,
          .complexity = 0.4,
          .notes_preference = {{"woody", 0.8}, {"pink pepper", 0}},
          .product_category = "Body Spray"};
}

template <class Change>
std::vector<std::string> errors_after(Change change) {
  Brief brief = a_brief();
  change(brief);
  return errors_of(brief);
}

TEST(BriefValidation, FG_4_ByRulesSaysThatItWasOnlyThatAndThatIfraWasSkipped) {
  const Validation checked = validate_by_rules(a_brief());

  EXPECT_TRUE(checked.valid());
  EXPECT_THAT(checked.errors, IsEmpty());
  EXPECT_THAT(checked.warnings, ElementsAre(HasSubstr("by rules only"), HasSubstr("IFRA check was skipped")));
  EXPECT_EQ(checked.ifra_compliance, "unknown");
  EXPECT_TRUE(refuse_critical(checked));
}

TEST(BriefValidation, FG_4_NumbersAndWeightsAreWithinZeroAndOne) {
  const double none = std::numeric_limits<double>::quiet_NaN();
  const double endless = std::numeric_limits<double>::infinity();
  for (const double bad : {-0.01, 1.01, none, endless, -endless}) {
    EXPECT_THAT(errors_after([&](Brief& brief) { brief.intensity = bad; }), ElementsAre(HasSubstr("intensity"))) << bad;
    EXPECT_THAT(errors_after([&](Brief& brief) { brief.complexity = bad; }), ElementsAre(HasSubstr("complexity")));
    EXPECT_THAT(errors_after([&](Brief& brief) { brief.notes_preference["rose"] = bad; }),
                ElementsAre(HasSubstr("\"rose\"")));
  }
  for (const double good : {0.0, 1.0}) {
    EXPECT_THAT(errors_after([&](Brief& brief) { brief.intensity = brief.complexity = good; }), IsEmpty());
  }
}

TEST(BriefValidation, FG_4_TheCategoryIsOneOfFour) {
  for (const auto category : kCategories) {
    EXPECT_THAT(errors_after([&](Brief& brief) { brief.product_category = category; }), IsEmpty());
  }
  for (const char* unknown : {"", "edp", "Candle", "EDP "}) {
    EXPECT_THAT(errors_after([&](Brief& brief) { brief.product_category = unknown; }),
                ElementsAre(HasSubstr("EDP, EDT, Cologne, Body Spray")));
  }
}

TEST(BriefValidation, FG_4_CriticalErrorsRefuseAndNameEachField) {
  const Validation checked = validate_by_rules({.style = "gothic", .intensity = 7, .product_category = "Candle"});

  const auto refused = refuse_critical(checked);

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), "HF-LLM-08");
  EXPECT_EQ(refused.error().error_class(), ErrorClass::permanent);
  for (const char* field : {"style", "intensity", "product_category"})
    EXPECT_THAT(refused.error().what(), HasSubstr(field));
}

TEST(BriefValidation, NamesOfNotesAreWordsAndNotTooMany) {
  for (const char* name : {"", "<script>", "Rose", "a\nb"}) {
    EXPECT_THAT(errors_after([&](Brief& brief) { brief.notes_preference[name] = 0.5; }),
                ElementsAre(HasSubstr("none of a note")));
  }
  const auto many = [](Brief& brief) {
    for (std::size_t i = 0; i <= kNotesMax; ++i) brief.notes_preference[std::string(i + 1, 'x')] = 0.5;
  };
  EXPECT_THAT(errors_after(many), ElementsAre(HasSubstr("more than 40")));
}

}  // namespace
}  // namespace holdfast::fragrance
