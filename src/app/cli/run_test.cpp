#include "app/cli/run.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "app/cli/command.hpp"
#include "app/cli/json_read.hpp"

namespace holdfast::cli {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

/// The program in this process, with a home of its own.
class Program : public testing::Test {
 protected:
  Program() {
    std::string pattern = (fs::temp_directory_path() / "hf-program-XXXXXX").string();
    home_ = mkdtemp(pattern.data());
    environment_ = {{"HOME", home_}, {"XDG_CONFIG_HOME", home_}};
    fs::create_directory(home_ + "/holdfast");
    std::ofstream{home_ + "/holdfast/config.toml"} << "[storage]\ndata = \"" << home_ << "/data\"\n";
  }
  ~Program() override { fs::remove_all(home_); }

  int run_words(const std::vector<std::string>& words) {
    out_.str("");
    err_.str("");
    Session session{.out = out_, .err = err_, .environment = environment_, .hooks = hooks_};
    return run(session, words);
  }

  std::string home_;
  Environment environment_;
  Hooks hooks_;
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(Program, ServeGetsTheSettingsOfFlagsAndFile) {
  Settings seen;
  bool single_user = false;
  hooks_.serve = [&](const Settings& settings, const ServeOptions& options) {
    seen = settings;
    single_user = options.single_user;
    return 7;
  };
  EXPECT_EQ(run_words({"serve", "--single-user", "--listen", "127.0.0.1:0"}), 7);
  EXPECT_TRUE(single_user);
  EXPECT_EQ(seen.server.listen, "127.0.0.1:0");
  EXPECT_EQ(seen.storage.data, home_ + "/data");
}

TEST_F(Program, ServeWithoutLoginIsRefusedOnAnOpenAddress) {
  hooks_.serve = [](const Settings&, const ServeOptions&) { return 0; };
  for (const char* listen : {"0.0.0.0:1", "192.168.1.2:1", "[::]:1", "host:1", "128.0.0.1:1"}) {
    EXPECT_EQ(run_words({"serve", "--single-user", "--listen", listen}), 2) << listen;
    EXPECT_THAT(err_.str(), HasSubstr("only a loopback address"));
  }
  for (const char* listen : {"127.0.0.1:1", "127.9.9.9:1", "[::1]:1"}) {
    EXPECT_EQ(run_words({"serve", "--single-user", "--listen", listen}), 0) << listen;
  }
}

TEST_F(Program, VerifyReportsViolationsAsTheInterfaceSays) {
  std::vector<Violation> violations;
  hooks_.verify = [&](const Settings&) { return Result<std::vector<Violation>>{violations}; };
  EXPECT_EQ(run_words({"verify", "--json"}), 10) << "there is no data folder yet";
  fs::create_directory(home_ + "/data");
  EXPECT_EQ(run_words({"verify", "--json"}), 0);
  EXPECT_EQ(out_.str(), "{\"ok\":true,\"violations\":[]}\n");
  violations.push_back({.invariant = "blob_missing", .subject = "itm_1", .what = "Its file is gone."});
  EXPECT_EQ(run_words({"verify", "--json"}), 15);
  const auto answer = parse_object(out_.str());
  EXPECT_FALSE(answer.at("ok").as_bool());
  EXPECT_EQ(text_at(array_at(answer, "violations").at(0).as_object(), "invariant"), "blob_missing");
}

TEST_F(Program, WrongConfigurationEndsEveryCommandThatNeedsItWith16) {
  std::ofstream{home_ + "/holdfast/config.toml"} << "[log]\nlevel = \"loud\"\n";
  const std::vector<std::vector<std::string>> lines = {{"serve", "--single-user"},
                                                       {"config", "check"},
                                                       {"config", "show"},
                                                       {"doctor"},
                                                       {"models", "list"},
                                                       {"verify"},
                                                       {"list"}};
  for (const auto& words : lines) {
    EXPECT_EQ(run_words(words), 16) << words[0];
    EXPECT_THAT(err_.str(), HasSubstr("config.toml:2:1: log.level: \"loud\" is not one of"));
  }
  EXPECT_EQ(run_words({"config", "check", "--json"}), 16);
  EXPECT_EQ(text_at(object_at(parse_object(out_.str()), "error"), "code"), "HF-CFG-01");
}

TEST_F(Program, UnknownVariablesAreSaidOnStandardError) {
  environment_["HOLDFAST_LOG_LEVLE"] = "info";
  EXPECT_EQ(run_words({"config", "show", "--origin"}), 0);
  EXPECT_THAT(err_.str(), HasSubstr("did you mean HOLDFAST_LOG_LEVEL?"));
  EXPECT_THAT(out_.str(), HasSubstr("# " + home_ + "/holdfast/config.toml:2:1"));
}

TEST_F(Program, HelpExplainsCommandsAndCodes) {
  EXPECT_EQ(run_words({"help", "HF-STO-02"}), 0);
  EXPECT_THAT(out_.str(), HasSubstr("No room left"));
  EXPECT_EQ(run_words({"help", "HF-STO-02", "--json"}), 0);
  EXPECT_EQ(text_at(parse_object(out_.str()), "code"), "HF-STO-02");
  EXPECT_EQ(run_words({"help", "models", "pull"}), 0);
  EXPECT_THAT(out_.str(), HasSubstr("holdfast models pull [ID]"));
  EXPECT_EQ(run_words({"help", "HF-NONE-99"}), 2);
  EXPECT_EQ(run_words({"nonsense", "--json"}), 2);
  EXPECT_EQ(text_at(object_at(parse_object(out_.str()), "error"), "code"), "HF-CLI-01");
}

TEST_F(Program, ModelsAreListedWithTheirState) {
  environment_["HOLDFAST_MODELS_DIR"] = home_;
  std::ofstream{home_ + "/ggml-base.bin"} << "short";
  EXPECT_EQ(run_words({"models", "list", "--json"}), 0);
  const auto models = array_at(parse_object(out_.str()), "models");
  EXPECT_EQ(text_at(models.at(0).as_object(), "state"), "damaged");
  EXPECT_EQ(text_at(models.at(1).as_object(), "state"), "missing");
}

TEST_F(Program, VS_7_VerifySetsADamagedModelAside) {
  environment_["HOLDFAST_MODELS_DIR"] = home_;
  std::ofstream{home_ + "/ggml-base.bin"} << "short";
  EXPECT_EQ(run_words({"models", "verify", "--json"}), 15);
  const auto models = array_at(parse_object(out_.str()), "models");
  EXPECT_TRUE(fs::exists(text_at(models.at(0).as_object(), "set_aside")));
  EXPECT_FALSE(fs::exists(home_ + "/ggml-base.bin"));
  EXPECT_EQ(run_words({"models", "verify"}), 0) << "what is missing is not damaged";
}

TEST_F(Program, EveryCommandThatPeopleSeeTakesJson) {
  for (const Command& command : commands()) {
    const bool takes = std::ranges::find(command.flags, "--json", &Flag::name) != command.flags.end();
    EXPECT_EQ(takes, !command.hidden) << command.words;
  }
  EXPECT_EQ(run_words({"completion", "bash", "--json"}), 0);
  EXPECT_THAT(text_at(parse_object(out_.str()), "script"), HasSubstr("complete -"));
  EXPECT_EQ(run_words({"config", "schema", "--json"}), 0);
  EXPECT_FALSE(object_at(parse_object(out_.str()), "properties").empty());
  bool json = false;
  hooks_.serve = [&](const Settings&, const ServeOptions& options) { return (json = options.json) ? 0 : 1; };
  EXPECT_EQ(run_words({"serve", "--single-user", "--listen", "127.0.0.1:0", "--json"}), 0);
}

TEST_F(Program, CompletionKnowsCommandsAndFlags) {
  EXPECT_EQ(run_words({"completion", "bash"}), 0);
  std::ofstream{home_ + "/complete"} << out_.str();
  const std::string test = home_ + "/test";
  std::ofstream{test} << ". " << home_ << "/complete\n"
                      << "try() { COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); _holdfast; "
                         "echo \"${COMPREPLY[*]}\"; }\n"
                      << "try holdfast sub; try holdfast models ''; try holdfast submit --reci\n"
                      << "try holdfast get --format v; try holdfast list --status fa; try holdfast co\n";
  ASSERT_EQ(std::system(("bash " + test + " > " + test + ".out").c_str()), 0);
  std::ifstream result{test + ".out"};
  const std::string text{std::istreambuf_iterator<char>{result}, {}};
  EXPECT_EQ(text, "submit\nlist pull verify rebuild\n--recipe\nvtt\nfailed\nconfig completion\n");
}

}  // namespace
}  // namespace holdfast::cli
