#include "app/models/models.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "app/models/fetch.hpp"
#include "app/models/manifest.hpp"

namespace holdfast::models {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// SHA-256 of "hello\n". Source: sha256sum.
constexpr const char* kHello = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03";

class ModelFiles : public testing::Test {
 protected:
  ModelFiles() {
    std::string pattern = (fs::temp_directory_path() / "hf-models-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    model_ = {.id = "m",
              .role = "speech",
              .title = {},
              .licence = {},
              .path = folder_ + "/m.bin",
              .bytes = 6,
              .sha256 = kHello};
  }
  ~ModelFiles() override {
    std::error_code problem;
    fs::remove_all(folder_, problem);
  }
  void write(const std::string& text) const { std::ofstream{model_.path} << text; }

  std::string folder_;
  ModelFile model_;
};

TEST_F(ModelFiles, VS_7_MissingTruncatedAndChangedFilesAreTold) {
  EXPECT_EQ(check(model_).value(), State::missing);
  write("hello\n");
  EXPECT_EQ(check(model_).value(), State::present);
  write("hell\n");
  EXPECT_EQ(check(model_).value(), State::damaged);
  write("hellO\n");
  EXPECT_EQ(look(model_), State::present) << "a quick look sees the size only";
  EXPECT_EQ(check(model_).value(), State::damaged);
}

TEST_F(ModelFiles, VS_7_ADamagedFileIsSetAsideAndKept) {
  write("hellO\n");

  const auto aside = set_aside(model_);

  ASSERT_TRUE(aside);
  EXPECT_EQ(*aside, model_.path + ".damaged");
  EXPECT_TRUE(fs::exists(*aside));
  EXPECT_EQ(check(model_).value(), State::missing);
}

TEST_F(ModelFiles, VS_7_ModelsAreFetchedByTheScriptOfTheTreeIntoAFolderOfThatName) {
  Settings settings;
  settings.models.dir = folder_ + "/models/";
  fs::create_directories(folder_ + "/build/any");
  const auto without = plan_fetch(settings, folder_ + "/build/any");
  ASSERT_FALSE(without);
  EXPECT_THAT(without.error().what(), HasSubstr("which is not here"));
  fs::create_directories(folder_ + "/scripts/setup");
  std::ofstream{folder_ + "/scripts/setup/models.sh"} << "exit 1\n";

  const auto plan = plan_fetch(settings, folder_ + "/build/any");

  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->words[0], "bash");
  settings.models.dir = folder_ + "/elsewhere";
  const auto elsewhere = plan_fetch(settings, folder_ + "/build/any");
  ASSERT_FALSE(elsewhere);
  EXPECT_THAT(elsewhere.error().what(), HasSubstr("only a folder named `models`"));
}

TEST(Manifest, NamesTheModelsOfTheDefaultConfiguration) {
  Settings settings;
  settings.models.dir = "/models";
  for (const char* id : {"whisper-base-q8_0", "smollm2-135m-instruct-q4_1"}) {
    const auto model = find_model(settings, id);
    ASSERT_TRUE(model) << id;
    EXPECT_TRUE(model->path.starts_with("/models/"));
    EXPECT_EQ(model->sha256.size(), 64U);
    EXPECT_GT(model->bytes, 1000U);
  }
  EXPECT_TRUE(find_role(settings, "vad"));
}

TEST(Manifest, AnUnknownModelIsAnErrorWithTheNearestName) {
  const auto model = find_model(Settings{}, "whisper-base-q8");
  ASSERT_FALSE(model);
  EXPECT_THAT(model.error().what(), HasSubstr("did you mean whisper-base-q8_0?"));
}

TEST(Manifest, FG_14_SaysWhatStandsInForAModelWhenMemoryIsShort) {
  const Settings settings;
  const auto ids_after = [&](const char* id) {
    std::vector<std::string> ids;
    const auto smaller = find_smaller(settings, find_model(settings, id).value());
    for (const auto& model : smaller.value()) ids.push_back(model.id);
    return ids;
  };
  EXPECT_THAT(ids_after("whisper-base-f16"), ElementsAre("whisper-base-q8_0", "whisper-base-q5_1"));
  EXPECT_THAT(ids_after("whisper-base-q8_0"), ElementsAre("whisper-base-q5_1"));
  EXPECT_THAT(ids_after("smollm2-135m-instruct-q4_1"), IsEmpty()) << "less context and fewer threads are all there is";
  const ModelFile circle{.id = "a", .smaller = "no-such-model"};
  EXPECT_FALSE(find_smaller(settings, circle));
}

TEST(Manifest, ABrokenManifestIsRefused) {
  for (const char* text : {"", "model = 1", "[[model]]\nid = \"x\"", "[[model", "model = [1]"}) {
    EXPECT_FALSE(read_manifest(text, "/")) << text;
  }
  const std::string whole =
      std::string{"[[model]]\nid=\"x\"\nrole=\"vad\"\nbytes=1\nsha256=\""} + kHello + "\"\nfile=";
  EXPECT_TRUE(read_manifest(whole + "\"x.bin\"", "/"));
  EXPECT_FALSE(read_manifest(whole + "\"../x.bin\"", "/"));
}

TEST(FetchEnvironment, HasWhatReachesPackagesAndNoSecretOfOurs) {
  const Environment ours{{"PATH", "/bin"},           {"HOME", "/h"},
                         {"https_proxy", "p"},       {"NO_PROXY", "n"},
                         {"PIP_INDEX_URL", "i"},     {"SSL_CERT_FILE", "c"},
                         {"LC_ALL", "C.UTF-8"},      {"HOLDFAST_ALERTS_SECRET", "canary"},
                         {"HOLDFAST_CACHE", "ours"}, {"AWS_SECRET_ACCESS_KEY", "canary"},
                         {"LD_PRELOAD", "canary"},   {"SOME_TOKEN", "canary"}};

  const Environment passed = fetch_environment(ours, "/cache");

  const Environment expected{{"PATH", "/bin"},       {"HOME", "/h"},          {"https_proxy", "p"}, {"NO_PROXY", "n"},
                             {"PIP_INDEX_URL", "i"}, {"SSL_CERT_FILE", "c"}, {"LC_ALL", "C.UTF-8"},
                             {"HOLDFAST_CACHE", "/cache"}};
  EXPECT_EQ(passed, expected);
}

}  // namespace
}  // namespace holdfast::models
