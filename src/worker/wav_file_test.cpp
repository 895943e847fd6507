#include "worker/wav_file.hpp"

#include <gmock/gmock.h>

#include "worker/speech_test_kit.hpp"

namespace holdfast::worker {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Result<WavFile> open_bytes(const std::string& bytes) { return WavFile::open(kit::file_of(bytes)); }

TEST(WavFile, GivesSamplesBetweenMinusOneAndOneByPlaceAndByTime) {
  std::vector<std::int16_t> samples(32, 0);
  samples[1] = 16'384;
  samples[2] = -32'768;
  const auto wav = open_bytes(kit::wav_bytes(samples));

  ASSERT_TRUE(wav) << wav.error().what();
  EXPECT_EQ(wav->samples(), 32);
  EXPECT_EQ(wav->duration_ms(), 2);
  EXPECT_THAT(wav->read(0, 3).value(), ElementsAre(0.0F, 0.5F, -1.0F));
  EXPECT_EQ(wav->read({1, 2}).value().size(), 16U);
}

TEST(WavFile, GivesLessAtTheEndAndNothingBeyond) {
  const auto wav = open_bytes(kit::wav_bytes(std::vector<std::int16_t>(10, 1)));

  EXPECT_EQ(wav->read(8, 100).value().size(), 2U);
  EXPECT_THAT(wav->read(500, 100).value(), IsEmpty());
  EXPECT_THAT(wav->read(-5, -5).value(), IsEmpty());
}

TEST(WavFile, BelievesItsHeaderOnlyAsFarAsTheFileGoes) {
  const auto wav = open_bytes(kit::wav_bytes(std::vector<std::int16_t>(10, 1), {}, 0xFFFFFFFF));

  EXPECT_EQ(wav->samples(), 10);
  EXPECT_EQ(wav->read(0, 1'000'000).value().size(), 10U);
}

TEST(WavFile, RefusesWhatIsNotMono16BitAt16KHz) {
  const std::vector<std::int16_t> samples(10, 1);
  for (const kit::WavFormat format : {kit::WavFormat{.kind = 3}, kit::WavFormat{.channels = 2},
                                      kit::WavFormat{.rate = 44'100}, kit::WavFormat{.bits = 24}}) {
    const auto wav = open_bytes(kit::wav_bytes(samples, format));
    ASSERT_FALSE(wav);
    EXPECT_EQ(wav.error().code(), "HF-MED-01");
    EXPECT_EQ(wav.error().error_class(), ErrorClass::permanent);
  }
}

TEST(WavFile, RefusesEveryBeginningOfAFileWithoutItsSamplesHeader) {
  const std::string whole = kit::wav_bytes({});
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const auto wav = open_bytes(whole.substr(0, length));
    ASSERT_FALSE(wav) << length;
    ASSERT_EQ(wav.error().code(), "HF-MED-01") << length;
  }
  EXPECT_EQ(open_bytes(whole)->samples(), 0);
}

TEST(WavFile, RefusesARequestWithoutAFile) {
  EXPECT_EQ(WavFile::open(UniqueFd{}).error().code(), "HF-MED-01");
}

}  // namespace
}  // namespace holdfast::worker
