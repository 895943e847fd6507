#include "app/cli/parse.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <iterator>
#include <map>
#include <set>
#include <sstream>

#include "app/cli/help.hpp"
#include "app/cli/problem.hpp"

namespace holdfast::cli {
namespace {

using testing::HasSubstr;

std::vector<std::string> words(const std::string& line) {
  std::istringstream in{line};
  return {std::istream_iterator<std::string>{in}, {}};
}

TEST(Parse, FindsCommandOperandsAndFlags) {
  struct Case {
    const char* line;
    const char* command;
    std::map<std::string, std::string> values;
  };
  const Case cases[] = {
      {"serve --single-user --data /d --listen 127.0.0.1:0",
       "serve",
       {{"--single-user", "true"}, {"--data", "/d"}, {"--listen", "127.0.0.1:0"}}},
      {"submit a.mp4", "submit", {{"FILE", "a.mp4"}, {"--recipe", "voicesync"}}},
      {"submit - --recipe introductions --wait --json",
       "submit",
       {{"FILE", "-"}, {"--recipe", "introductions"}, {"--wait", "true"}, {"--json", "true"}}},
      {"submit --job-id=k --timeout 90s a.mp4",
       "submit",
       {{"FILE", "a.mp4"}, {"--job-id", "k"}, {"--timeout", "90s"}}},
      {"submit -- -a.mp4", "submit", {{"FILE", "-a.mp4"}}},
      {"get itm_1 --format srt -o out.srt",
       "get",
       {{"ID", "itm_1"}, {"--format", "srt"}, {"--output", "out.srt"}}},
      {"get itm_1", "get", {{"--format", "txt"}, {"--output", "-"}}},
      {"list --status failed --limit 3", "list", {{"--status", "failed"}, {"--limit", "3"}}},
      {"models pull", "models pull", {}},
      {"models pull whisper-base-q8_0", "models pull", {{"ID", "whisper-base-q8_0"}}},
      {"config show --origin", "config show", {{"--origin", "true"}}},
      {"help models pull", "help", {{"WORD", "models"}, {"WORD2", "pull"}}},
      {"completion bash", "completion", {{"SHELL", "bash"}}},
      {"--version", "version", {}},
  };
  for (const auto& [line, command, values] : cases) {
    const auto invocation = parse(words(line));
    ASSERT_TRUE(invocation) << line << ": " << invocation.error().what();
    EXPECT_EQ(invocation->command->words, command);
    EXPECT_FALSE(invocation->help);
    for (const auto& [name, value] : values)
      EXPECT_EQ(invocation->arguments.text(name), value) << line << " " << name;
  }
}

TEST(Parse, WrongUseIsToldWithTheNearestRightOne) {
  struct Case {
    const char* line;
    const char* says;
  };
  const Case cases[] = {
      {"sumbit a.mp4", "there is no command \"sumbit\"; did you mean submit?"},
      {"xyzzyplugh", "there is no command \"xyzzyplugh\""},
      {"models", "\"models\" needs a second word: list, pull, verify"},
      {"models lst", "there is no command \"models lst\"; did you mean models list?"},
      {"--json status", "the command comes first"},
      {"submit a.mp4 --recpie x", "`holdfast submit` has no flag --recpie; did you mean --recipe?"},
      {"submit a.mp4 --recpie=x", "has no flag --recpie; did you mean --recipe?"},
      {"submit", "`holdfast submit` needs FILE"},
      {"submit a.mp4 b.mp4", "does not know what to do with \"b.mp4\""},
      {"submit a.mp4 --timeout 90", "\"90\" is not a duration"},
      {"submit a.mp4 --recipe", "--recipe"},
      {"list --status faild",
       "\"faild\" is not one of pending, processing, completed, failed, cancelled; did you mean failed?"},
      {"list --limit 0", "is not a whole number from 1"},
      {"list --limit -1", "is not a whole number from 1"},
      {"list --limit ten", "is not a whole number from 1"},
      {"get itm_1 --format doc", "\"doc\" is not one of srt, vtt, txt, json"},
      {"completion zsh", "\"zsh\" is not one of bash"},
  };
  for (const auto& [line, says] : cases) {
    const auto invocation = parse(words(line));
    ASSERT_FALSE(invocation) << line;
    EXPECT_THAT(invocation.error().what(), HasSubstr(says)) << line;
    EXPECT_EQ(to_problem(invocation.error()).exit, Exit::usage) << line;
  }
}

TEST(Parse, HelpIsGivenWhereverItIsAskedFor) {
  EXPECT_TRUE(parse({})->help);
  EXPECT_EQ(parse({"--help"})->command, nullptr);
  const auto invocation = parse({"submit", "--nonsense", "--help"});
  ASSERT_TRUE(invocation);
  EXPECT_TRUE(invocation->help);
  EXPECT_EQ(invocation->command->words, "submit");
}

TEST(Commands, EveryOneIsDescribedAndHasAnExampleThatParses) {
  std::set<std::string_view> seen;
  for (const Command& command : commands()) {
    EXPECT_TRUE(seen.insert(command.words).second) << command.words;
    EXPECT_TRUE(command.sentence.ends_with('.')) << command.words;
    EXPECT_NE(command.handler, nullptr) << command.words;
    EXPECT_FALSE(command.examples.empty()) << command.words;
    for (const auto& flag : command.flags) {
      EXPECT_TRUE(flag.name.starts_with("--")) << flag.name;
      EXPECT_TRUE(flag.sentence.ends_with('.')) << flag.name;
      EXPECT_EQ(flag.value.empty(), flag.type == Type::flag) << flag.name;
    }
  }
  for (const Command& command : commands()) {
    std::string line{command.examples.front().line};
    line = line.substr(line.find("holdfast ") + 9);
    line = line.substr(0, line.find(" > "));
    const auto invocation = parse(words(line));
    ASSERT_TRUE(invocation) << line << ": " << invocation.error().what();
    EXPECT_EQ(invocation->command, &command);
  }
}

TEST(Help, ShowsEveryFlagAndExitCodeOfTheTable) {
  for (const Command& command : commands()) {
    const auto text = command_help(command);
    for (const auto& flag : command.flags) EXPECT_THAT(text, HasSubstr(std::string{flag.name}));
    for (const auto code : command.exits)
      EXPECT_THAT(text, HasSubstr("  " + std::to_string(to_int(code)) + " "));
    if (!command.hidden) EXPECT_THAT(program_help(), HasSubstr(std::string{command.words}));
  }
}

}  // namespace
}  // namespace holdfast::cli
