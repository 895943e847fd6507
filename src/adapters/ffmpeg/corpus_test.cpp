#include <cstdlib>

#include "adapters/ffmpeg/media_world_test.hpp"

// Files of other people with what is expected of each. They lie outside the project; without them these tests
// are skipped.
namespace holdfast {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

fs::path shared_folder() {
  const char* set = std::getenv("HOLDFAST_SHARED");
  return set != nullptr ? fs::path{set} : fs::path{HF_SOURCE_DIR}.parent_path() / "shared";
}

std::string read_text(const fs::path& file) {
  std::ifstream in{file};
  return {std::istreambuf_iterator<char>{in}, {}};
}

/// The code that the words of the index stand for; empty: accepted.
std::string expected_code(std::string_view words) {
  if (words.starts_with("reject: not readable media")) return "HF-MED-01";
  if (words.starts_with("reject: no audio stream")) return "HF-MED-03";
  if (words.starts_with("reject: audio stream does not decode")) return "HF-MED-05";
  return "";
}

class Corpus : public MediaWorld {
 protected:
  void SetUp() override {
    MediaWorld::SetUp();
    index_ = shared_folder() / "data" / "index.json";
    if (!fs::exists(index_)) GTEST_SKIP() << "no test files at " << index_ << "; set HOLDFAST_SHARED";
  }
  struct Entry {
    fs::path file;
    std::string expected;
    double seconds = 0;
  };
  std::vector<Entry> entries(std::string_view kind) {
    std::vector<Entry> all;
    for (const json::value& value : json::parse(read_text(index_)).as_array()) {
      const json::object& object = value.as_object();
      if (!std::string_view{object.at("kind").as_string()}.starts_with(kind)) continue;
      const json::value* expected = object.if_contains("expected");
      const json::value* seconds = object.if_contains("seconds");
      const std::string name{object.at("file").as_string()};
      all.push_back(
          {.file = index_.parent_path() / name,
           .expected = expected != nullptr ? std::string{expected->as_string()} : "accept",
           .seconds = seconds != nullptr && seconds->is_number() ? seconds->to_number<double>() : 0});
    }
    return all;
  }
  fs::path index_;
};

TEST_F(Corpus, VS_1_ConvertsEverySpeechFileInItsFullLength) {
  const auto files = entries("speech");
  ASSERT_GE(files.size(), 30U);
  for (const Entry& entry : files) {
    const auto finished = convert_file(entry.file);
    ASSERT_TRUE(finished) << entry.file << ": " << finished.error().what();
    const auto body = body_of(*finished);
    EXPECT_NEAR(body.at("duration_ms").to_number<double>() / 1000, entry.seconds, 0.2 + entry.seconds / 100)
        << entry.file;
    EXPECT_TRUE(body.at("warnings").as_array().empty()) << entry.file << finished->body;
  }
}

TEST_F(Corpus, VS_1_TakesOddFilesAndRefusesBrokenOnesForTheRightReason) {
  const auto files = entries("media");
  ASSERT_GE(files.size(), 50U);
  for (const Entry& entry : files) {
    const auto finished = convert_file(entry.file);
    EXPECT_EQ(code_of(finished), expected_code(entry.expected))
        << entry.file << ": " << entry.expected << " / "
        << (finished ? finished->body : finished.error().what());
    if (!finished) {
      EXPECT_EQ(finished.error().error_class(), ErrorClass::permanent) << entry.file;
    }
  }
}

TEST_F(Corpus, KeepsWhatDecodesOfATruncatedFileAndSaysSo) {
  const auto finished = convert_file(index_.parent_path() / "media/derived/jfk_truncated_half.mp4");

  ASSERT_TRUE(finished) << finished.error().what();
  const auto body = body_of(*finished);
  EXPECT_NEAR(body.at("duration_ms").to_number<double>(), 5250, 150);
  EXPECT_EQ(body.at("warnings").as_array().size(), 1U) << finished->body;
}

TEST_F(Corpus, TakesTheFirstSoundTrackAndItsOwnLength) {
  const auto finished = convert_file(index_.parent_path() / "media/torchcodec_nasa_13013.mp4");

  ASSERT_TRUE(finished) << finished.error().what();
  EXPECT_NEAR(body_of(*finished).at("duration_ms").to_number<double>(), 13'056, 150);
}

}  // namespace
}  // namespace holdfast
