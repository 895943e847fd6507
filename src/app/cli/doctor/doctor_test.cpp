#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "app/cli/doctor/check.hpp"
#include "app/cli/scripted_server.hpp"

namespace holdfast::cli::doctor {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class Doctor : public testing::Test {
 protected:
  Doctor() {
    std::string pattern = (fs::temp_directory_path() / "hf-doctor-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    config::Sources sources{.environment = {{"HOME", folder_}}};
    sources.system_folder = folder_ + "/etc";
    settings_ = config::load(sources).value().settings;
    settings_.storage.data = folder_ + "/data";
  }
  ~Doctor() override { fs::remove_all(folder_); }

  std::string script(const std::string& text) {
    const std::string path = folder_ + "/tool";
    std::ofstream{path} << "#!/bin/sh\n" << text << "\n";
    fs::permissions(path, fs::perms::owner_all);
    return path;
  }

  std::string folder_;
  Settings settings_;
};

TEST_F(Doctor, VS_6_SaysOfFfmpegWhatTheServersOwnProbeSays) {
  const auto check = check_ffmpeg(settings_, [](const Settings&) -> Result<void> {
    return fail(ErrorClass::dependency, "HF-FFM-01", "no-ffmpeg is missing");
  });
  EXPECT_EQ(check.state, State::bad);
  EXPECT_EQ(check.text, "no-ffmpeg is missing");
  EXPECT_THAT(check.what_to_do, HasSubstr("apt-get install ffmpeg"));

  EXPECT_EQ(check_ffmpeg(settings_, [](const Settings&) { return Result<void>{}; }).state, State::ok);
  EXPECT_EQ(check_ffmpeg(settings_, {}).state, State::warn) << "nothing was tried";
}

TEST_F(Doctor, ConfinementIsAskedOfItsOwnReport) {
  EXPECT_EQ(check_confinement(settings_, folder_).state, State::bad) << "the program is missing";
  const std::string path = folder_ + "/holdfast-confine";
  struct Case {
    const char* report;
    State state;     ///< by default
    State accepted;  ///< with security.allow_unconfined_files
  };
  const Case cases[] = {
      {R"({"landlock_abi":3,"landlock_network":false,"seccomp":true})", State::ok, State::warn},
      {R"({"landlock_abi":0,"landlock_network":false,"seccomp":true})", State::bad, State::warn},
      {R"({"landlock_abi":3,"landlock_network":false,"seccomp":false})", State::bad, State::bad},
      {"nonsense", State::bad, State::bad},
  };
  for (const auto& [report, state, accepted] : cases) {
    fs::rename(script("echo '" + std::string{report} + "'"), path);
    settings_.security.allow_unconfined_files = false;
    EXPECT_EQ(check_confinement(settings_, folder_).state, state) << report;
    settings_.security.allow_unconfined_files = true;
    EXPECT_EQ(check_confinement(settings_, folder_).state, accepted) << report;
  }
}

TEST_F(Doctor, TheDataFolderIsReallyWrittenTo) {
  EXPECT_EQ(check_data_folder(settings_).text.find("cannot"), std::string::npos);
  settings_.storage.data = "/proc/holdfast";
  EXPECT_EQ(check_data_folder(settings_).state, State::bad);
  std::ofstream{folder_ + "/file"} << "x";
  settings_.storage.data = folder_ + "/file/data";
  EXPECT_EQ(check_data_folder(settings_).state, State::bad);
}

TEST_F(Doctor, TheReserveIsComparedWithTheFreeSpace) {
  settings_.storage.reserve = 0;
  settings_.uploads.max_size = 1;
  EXPECT_EQ(check_space(settings_).state, State::ok);
  settings_.uploads.max_size = 1ULL << 52U;
  EXPECT_EQ(check_space(settings_).state, State::warn);
  settings_.storage.reserve = 1ULL << 52U;
  EXPECT_EQ(check_space(settings_).state, State::bad);
}

TEST_F(Doctor, AClockBehindTheDataIsSuspicious) {
  EXPECT_EQ(check_clock(settings_).state, State::ok);
  fs::create_directory(settings_.storage.data);
  fs::last_write_time(settings_.storage.data, fs::file_time_type::clock::now() + std::chrono::hours{1});
  EXPECT_EQ(check_clock(settings_).state, State::warn);
}

TEST_F(Doctor, APortIsFreeOrOursOrTaken) {
  settings_.server.listen = "127.0.0.1:0";
  EXPECT_EQ(check_port(settings_).state, State::ok);
  {
    const testing_server::ScriptedServer ours{{[](auto& peer) {
      peer.read_head();
      peer.answer(200, "alive");
    }}};
    settings_.server.listen = "127.0.0.1:" + std::to_string(ours.port());
    EXPECT_THAT(check_port(settings_).text, HasSubstr("a Holdfast is running"));
  }
  const testing_server::ScriptedServer other{{[](auto& peer) { peer.send("220 mail\r\n"); }}};
  settings_.server.listen = "127.0.0.1:" + std::to_string(other.port());
  EXPECT_EQ(check_port(settings_).state, State::bad);
}

TEST_F(Doctor, VS_7_EveryModelInUseIsCheckedByItsContent) {
  settings_.models.dir = folder_;
  std::ofstream{folder_ + "/ggml-base-q8_0.bin"} << "not a model";

  const auto checks = check_models(settings_);

  ASSERT_EQ(checks.size(), 5U);
  EXPECT_THAT(checks[0].text, HasSubstr("is damaged"));
  EXPECT_THAT(checks[0].what_to_do, HasSubstr("holdfast models pull whisper-base-q8_0"));
  EXPECT_THAT(checks[2].text, HasSubstr("is missing"));
  EXPECT_EQ(checks[3].name, "model all-minilm-l6-v2-f16");
  EXPECT_EQ(checks[3].state, State::warn) << "without it nothing is lost but likeness";
  EXPECT_EQ(checks[4].name, "model whisper-base-q5_1");
  EXPECT_EQ(checks[4].state, State::warn) << "FG_14: needed only when memory is short";
  settings_.language.url = "http://127.0.0.1:1/v1";
  EXPECT_EQ(check_models(settings_).size(), 4U) << "an endpoint needs no model here";
  settings_.speech.model = "whisper-base";
  EXPECT_THAT(check_models(settings_)[0].text, HasSubstr("did you mean"));
}

}  // namespace
}  // namespace holdfast::cli::doctor
