#include "app/config/load.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "app/config/show.hpp"
#include "app/config/value.hpp"

namespace holdfast::config {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

/// A home folder of its own, removed at the end.
class Config : public testing::Test {
 protected:
  Config() {
    std::string pattern = (fs::temp_directory_path() / "hf-config-XXXXXX").string();
    home_ = mkdtemp(pattern.data());
    sources_.environment = {{"HOME", home_}};
    sources_.system_folder = home_ + "/etc";
  }
  ~Config() override {
    std::error_code problem;
    fs::remove_all(home_, problem);
  }

  std::string write(const std::string& name, const std::string& text) {
    const fs::path path = fs::path{home_} / name;
    fs::create_directories(path.parent_path());
    std::ofstream{path} << text;
    return path.string();
  }

  Loaded load_ok() {
    auto loaded = load(sources_);
    EXPECT_TRUE(loaded) << (loaded ? "" : loaded.error().what());
    return loaded ? std::move(*loaded) : Loaded{};
  }
  std::string load_error() {
    const auto loaded = load(sources_);
    EXPECT_FALSE(loaded);
    return loaded ? "" : loaded.error().what();
  }
  static std::string origin_of(const Loaded& loaded, std::string_view key) {
    for (const auto& value : loaded.values) {
      if (value.key->name == key) return value.origin;
    }
    return {};
  }

  std::string home_;
  Sources sources_;
};

TEST_F(Config, AFlagIsTrueOrFalseAndNothingElse) {
  EXPECT_FALSE(load_ok().settings.security.allow_unconfined_files);
  sources_.file = write("c.toml", "[security]\nallow_unconfined_files = true\n");
  EXPECT_TRUE(load_ok().settings.security.allow_unconfined_files);
  EXPECT_THAT(show_text(load_ok(), false), HasSubstr("allow_unconfined_files = true\n"));
  sources_.environment["HOLDFAST_SECURITY_ALLOW_UNCONFINED_FILES"] = "false";
  EXPECT_FALSE(load_ok().settings.security.allow_unconfined_files);
  sources_.environment["HOLDFAST_SECURITY_ALLOW_UNCONFINED_FILES"] = "yes";
  EXPECT_THAT(load_error(), HasSubstr("\"yes\" is not true or false"));
  sources_.environment.erase("HOLDFAST_SECURITY_ALLOW_UNCONFINED_FILES");
  sources_.file = write("c.toml", "[security]\nallow_unconfined_files = \"true\"\n");
  EXPECT_THAT(load_error(), HasSubstr("must be true or false"));
}

TEST_F(Config, DefaultsAreValidAndFollowTheHomeFolder) {
  const auto loaded = load_ok();

  EXPECT_EQ(loaded.settings.server.listen, "127.0.0.1:8642");
  EXPECT_EQ(loaded.settings.storage.data, home_ + "/.local/share/holdfast");
  EXPECT_EQ(loaded.settings.models.dir, home_ + "/.cache/holdfast/models");
  EXPECT_EQ(loaded.settings.uploads.max_size, 4'000'000'000U);
  EXPECT_EQ(loaded.settings.engine.lease, milliseconds{30'000});
  EXPECT_EQ(loaded.values.size(), keys().size());
  EXPECT_TRUE(loaded.warnings.empty());
}

TEST_F(Config, EachSourceYieldsToTheStrongerOne) {
  write(".config/holdfast/config.toml", "[server]\nlisten = \"127.0.0.1:1\"\n[log]\nlevel = \"warn\"\n");
  EXPECT_EQ(load_ok().settings.server.listen, "127.0.0.1:1");

  const auto later = write(".config/holdfast/conf.d/20.toml", "[server]\nlisten = \"127.0.0.1:3\"\n");
  write(".config/holdfast/conf.d/10.toml", "[server]\nlisten = \"127.0.0.1:2\"\n");
  EXPECT_EQ(load_ok().settings.server.listen, "127.0.0.1:3");
  EXPECT_EQ(origin_of(load_ok(), "server.listen"), later + ":2:1");

  sources_.environment["HOLDFAST_SERVER_LISTEN"] = "127.0.0.1:4";
  EXPECT_EQ(load_ok().settings.server.listen, "127.0.0.1:4");
  EXPECT_EQ(origin_of(load_ok(), "server.listen"), "environment HOLDFAST_SERVER_LISTEN");

  sources_.flags["server.listen"] = {"--listen", "127.0.0.1:5"};
  EXPECT_EQ(load_ok().settings.server.listen, "127.0.0.1:5");
  EXPECT_EQ(origin_of(load_ok(), "server.listen"), "flag --listen");
  EXPECT_EQ(load_ok().settings.log.level, "warn");
  EXPECT_EQ(origin_of(load_ok(), "log.format"), "default");
}

TEST_F(Config, FilesAreLookedForInTheDocumentedOrder) {
  write("etc/config.toml", "[log]\nlevel = \"error\"\n");
  EXPECT_EQ(load_ok().settings.log.level, "error");
  write("xdg/holdfast/config.toml", "[log]\nlevel = \"warn\"\n");
  sources_.environment["XDG_CONFIG_HOME"] = home_ + "/xdg";
  EXPECT_EQ(load_ok().settings.log.level, "warn");
  sources_.environment["HOLDFAST_CONFIG"] = write("named.toml", "[log]\nlevel = \"debug\"\n");
  EXPECT_EQ(load_ok().settings.log.level, "debug");
  sources_.file = write("flag.toml", "[log]\nlevel = \"info\"\n");
  EXPECT_EQ(load_ok().settings.log.level, "info");
}

TEST_F(Config, AFileThatWasNamedMustBeThere) {
  sources_.file = home_ + "/nowhere.toml";
  EXPECT_THAT(load_error(), HasSubstr("nowhere.toml: there is no such configuration file"));
}

TEST_F(Config, MistakesInAFileNameTheirPlace) {
  struct Case {
    const char* text;
    const char* says;
  };
  const Case cases[] = {
      {"[server]\nlisten_ = \"x\"\n", ":2:1: unknown key server.listen_; did you mean server.listen?"},
      {"[sever]\nlisten = \"x\"\n", ":2:1: unknown key sever.listen; did you mean server.listen?"},
      {"[server]\ndata = \"/x\"\n", ":2:1: unknown key server.data; did you mean storage.data?"},
      {"listen = \"x\"\n", ":1:1: unknown key listen"},
      {"[nonsense]\n", ":1:2: unknown key nonsense"},
      {"[server.listen]\nx = 1\n", "server.listen must be an address such as"},
      {"[server]\nlisten = 8642\n", ":2:1: server.listen must be an address such as \"127.0.0.1:8642\""},
      {"[server]\nlisten = \"8642\"\n", ":2:1: server.listen: \"8642\" is not an address"},
      {"[server]\nlisten = \"a:99999\"\n", "is not an address"},
      {"[capacity]\nengine = \"1\"\n", ":2:1: capacity.engine must be a whole number"},
      {"[capacity]\n  engine = 0\n", ":2:3: capacity.engine: 0 is too small; at least 1"},
      {"[capacity]\nengine = 1000\n", "capacity.engine: 1000 is too large; at most 64"},
      {"[capacity]\nengine = -1\n", "is not a whole number"},
      {"[storage]\nreserve = 5\n", "storage.reserve must be a size such as \"5 GB\""},
      {"[storage]\nreserve = \"5 gb\"\n", "storage.reserve: \"5 gb\" is not a size"},
      {"[engine]\nlease = \"30\"\n", "engine.lease: \"30\" is not a duration"},
      {"[engine]\nlease = \"12 s\"\n", "engine.heartbeat must be at most half of engine.lease"},
      {"[log]\nlevel = \"loud\"\n", "log.level: \"loud\" is not one of debug|info|warn|error"},
      {"[speech]\nlanguage = \"english\"\n",
       "speech.language: \"english\" is not \"auto\" or a language code"},
      {"[speech]\nmodel = \"\"\n", "speech.model: it is empty"},
      {"[language]\nurl = \"ftp://x\"\n", "begins with http:// or https://"},
      {"[server\n", ":1:8: "},
      {"[log]\nlevel = \"info\"\nlevel = \"info\"\n", ":3:"},
  };
  for (const auto& [text, says] : cases) {
    sources_.file = write("config.toml", text);
    EXPECT_THAT(load_error(), HasSubstr(says)) << text;
  }
}

TEST_F(Config, AllMistakesAreReportedAtOnce) {
  sources_.file = write("config.toml", "[server]\nlisten = \"x\"\n[log]\nlevle = \"info\"\n");
  sources_.environment["HOLDFAST_CAPACITY_MEDIA"] = "many";

  const auto text = load_error();

  EXPECT_THAT(text, HasSubstr("server.listen"));
  EXPECT_THAT(text, HasSubstr("log.levle; did you mean log.level?"));
  EXPECT_THAT(
      text, HasSubstr("environment HOLDFAST_CAPACITY_MEDIA: capacity.media: \"many\" is not a whole number"));
}

TEST_F(Config, UnknownVariablesAreWarnedAboutAndKnownOthersAreNot) {
  for (const char* known : {"HOLDFAST_CACHE", "HOLDFAST_SHARED", "HOLDFAST_TOKEN_FILE", "HOLDFAST_SERVER"}) {
    sources_.environment[known] = "/somewhere";
  }
  EXPECT_TRUE(load_ok().warnings.empty());
  EXPECT_EQ(load_ok().settings.models.dir, "/somewhere/models");

  sources_.environment["HOLDFAST_SERVER_LISTNE"] = "x";

  ASSERT_EQ(load_ok().warnings.size(), 1U);
  EXPECT_EQ(load_ok().warnings[0],
            "unknown environment variable HOLDFAST_SERVER_LISTNE; did you mean HOLDFAST_SERVER_LISTEN?");
}

TEST_F(Config, TheDataFolderHasAShortVariable) {
  sources_.environment["HOLDFAST_DATA"] = "/one";
  EXPECT_EQ(load_ok().settings.storage.data, "/one");
  sources_.environment["HOLDFAST_STORAGE_DATA"] = "/two";
  EXPECT_THAT(load_error(), HasSubstr("different values; keep one"));
  sources_.environment["HOLDFAST_STORAGE_DATA"] = "/one";
  EXPECT_EQ(load_ok().settings.storage.data, "/one");
}

TEST_F(Config, AVariableCanNameAFileWithTheValue) {
  sources_.environment["HOLDFAST_LOG_LEVEL_FILE"] = write("level", "debug\n");
  EXPECT_EQ(load_ok().settings.log.level, "debug");
  EXPECT_THAT(origin_of(load_ok(), "log.level"), HasSubstr("(file "));
  sources_.environment["HOLDFAST_LOG_LEVEL_FILE"] = home_ + "/none";
  EXPECT_THAT(load_error(), HasSubstr("cannot be read"));
}

TEST_F(Config, SecretsAreNeverShown) {
  sources_.environment["HOLDFAST_LANGUAGE_API_KEY_FILE"] = write("key", "sk-very-secret\n");

  const auto loaded = load_ok();

  EXPECT_EQ(loaded.settings.language.api_key_file, home_ + "/key");
  EXPECT_THAT(show_text(loaded, true), HasSubstr("set (from file " + home_ + "/key)"));
  EXPECT_THAT(show_text(loaded, true) + show_json(loaded), Not(HasSubstr("sk-very")));
}

TEST_F(Config, WhatIsShownCanBeReadAgain) {
  sources_.environment["HOLDFAST_STORAGE_RESERVE"] = "5 GB";
  const auto shown = show_text(load_ok(), true);
  sources_.environment.erase("HOLDFAST_STORAGE_RESERVE");
  sources_.file = write("again.toml", shown);

  const auto again = load_ok();

  EXPECT_EQ(again.settings.storage.reserve, 5'000'000'000U);
  EXPECT_EQ(show_text(again, false), show_text(load_ok(), false));
}

TEST(Keys, EveryKeySetsAMemberOfItsOwnAndSaysWhatItIs) {
  Settings settings;
  std::set<const void*> members;
  for (const Key& key : keys()) {
    ASSERT_NE(key.slot, nullptr) << key.name;
    const auto slot = key.slot(settings);
    members.insert(std::visit([](auto* member) -> const void* { return member; }, slot));
    EXPECT_TRUE(key.sentence.ends_with('.')) << key.name;
  }
  EXPECT_EQ(members.size(), keys().size());
}

TEST(Expand, TakesTheEnvironmentAndNestedDefaults) {
  const Environment environment{{"A", "one"}, {"EMPTY", ""}};

  EXPECT_EQ(expand("${A}/x", environment), "one/x");
  EXPECT_EQ(expand("${B:-${A}/y}/z", environment), "one/y/z");
  EXPECT_EQ(expand("${EMPTY:-other}", environment), "other");
  EXPECT_EQ(expand("${B}", environment), "");
  EXPECT_EQ(expand("plain ${", environment), "plain ${");
}

TEST_F(Config, FR_3_RecoveryRulesStandInATableForEachKindOfStage) {
  sources_.file = write("config.toml",
                        "[recovery.transcribe]\nattempts_max = 7\nno_progress = \"90 s\"\n"
                        "[recovery.convert]\ncrashes_max = 3\n");
  const auto recovery = load_ok().settings.recovery;

  EXPECT_EQ(recovery.transcribe.attempts_max, 7U);
  EXPECT_EQ(recovery.transcribe.no_progress, milliseconds{90'000});
  EXPECT_EQ(recovery.convert.crashes_max, 3U);
  EXPECT_EQ(recovery.generate.attempts_max, 0U) << "as the recipe says";
}

TEST_F(Config, FR_3_RecoveryRulesThatCannotBeAreRefusedByName) {
  sources_.file = write("config.toml", "[recovery.transcribe]\nattemps_max = 7\n");
  EXPECT_THAT(load_error(), HasSubstr("did you mean recovery.transcribe.attempts_max?"));
  sources_.file = write("config.toml", "[recovery.dance]\nattempts_max = 7\n");
  EXPECT_THAT(load_error(), HasSubstr("unknown key recovery.dance"));
  sources_.file = write("config.toml", "[recovery.convert]\nbackoff_base = \"2 min\"\nbackoff_ceiling = \"1 min\"\n");
  EXPECT_THAT(load_error(), HasSubstr("backoff_ceiling must not be shorter"));
  sources_.file = write("config.toml", "[recovery.convert]\nattempts_max = 101\n");
  EXPECT_THAT(load_error(), HasSubstr("too large"));
}

TEST_F(Config, FR_7_RetentionPeriodsAreConfigured) {
  sources_.file = write("a.toml", "[retention]\nfiles = \"24 h\"\ndead_letters = \"keep\"\naudit = \"keep\"\n"
                                  "management_audit = \"keep\"\n");

  const auto retention = load_ok().settings.retention;

  EXPECT_EQ(retention.files, std::chrono::hours{24});
  EXPECT_EQ(retention.dead_letters.count(), 0) << "kept";
  EXPECT_EQ(retention.transcripts.count(), 0) << "kept unless somebody says otherwise";
}

TEST_F(Config, FR_7_AgesThatContradictEachOtherAreRefusedAsAWhole) {
  sources_.file = write("a.toml", "[retention]\nfiles = \"1 d\"\ntranscripts = \"1 d\"\ndead_letters = \"2 d\"\n"
                                  "items = \"30 d\"\naudit = \"29 d\"\n");
  EXPECT_THAT(load_error(), HasSubstr("retention.audit (29 d) must not be shorter than retention.items (30 d)"));
}

TEST_F(Config, FR_7_AnAgeIsADurationOrKeep) {
  for (const char* wrong : {"\"0 s\"", "\"forever\"", "\"-1 d\"", "3", "\"\""}) {
    sources_.file = write("a.toml", std::string{"[retention]\nfiles = "} + wrong + "\n");
    EXPECT_THAT(load_error(), HasSubstr("retention.files")) << wrong;
  }
}

}  // namespace
}  // namespace holdfast::config
