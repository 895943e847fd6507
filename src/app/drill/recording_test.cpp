#include "app/drill/recording.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace holdfast::drill {
namespace {

std::filesystem::path written(const std::string& content) {
  const std::string name = testing::UnitTest::GetInstance()->current_test_info()->name();
  std::filesystem::path file = std::filesystem::path{testing::TempDir()} / ("drill_" + name + ".wav");
  std::ofstream{file, std::ios::binary} << content;
  return file;
}

TEST(DrillRecording, WhatItWritesItReads) {
  const auto recording = Recording::read(written(Recording::silence(milliseconds{1'500})));

  ASSERT_TRUE(recording);
  EXPECT_EQ(recording->length(), milliseconds{1'500});
  EXPECT_EQ(recording->sentence(), Recording::silence(milliseconds{1'500}));
}

TEST(DrillRecording, SpeechIsSaidAgainUntilItIsLongEnough) {
  const auto recording = Recording::read(written(Recording::silence(milliseconds{1'500})));
  ASSERT_TRUE(recording);

  const auto longer = Recording::read(written(recording->speech(milliseconds{5'000})));

  ASSERT_TRUE(longer);
  EXPECT_EQ(longer->length(), milliseconds{6'000});  // three times, each with half a second of pause
}

TEST(DrillRecording, WhatIsNoSpokenWavIsRefusedWithAReason) {
  EXPECT_FALSE(Recording::read("/nowhere/at/all.wav"));
  for (const std::string& content : {std::string{}, std::string{"RIFF"}, Recording::broken(), std::string(100, 'x')})
    EXPECT_FALSE(Recording::read(written(content)));
}

}  // namespace
}  // namespace holdfast::drill
