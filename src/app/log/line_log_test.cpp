#include "app/log/line_log.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <boost/json.hpp>
#include <csignal>

namespace holdfast {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

/// A log into a pipe.
class LineLogTest : public testing::Test {
 protected:
  LineLogTest() { EXPECT_EQ(::pipe2(ends_.data(), O_CLOEXEC), 0); }
  ~LineLogTest() override {
    close_reader();
    ::close(ends_[1]);
  }
  void close_reader() {
    if (ends_[0] >= 0) ::close(ends_[0]);
    ends_[0] = -1;
  }
  /// What came through so far.
  std::string said() {
    ::fcntl(ends_[0], F_SETFL, O_NONBLOCK);
    std::string all(1U << 20U, '\0');
    const ssize_t got = ::read(ends_[0], all.data(), all.size());
    all.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return all;
  }
  LineLog log(const char* level, const char* format) { return LineLog{{.level = level, .format = format}, ends_[1]}; }

  std::array<int, 2> ends_{-1, -1};
};

TEST(LogLine, IsReadByPeople) {
  EXPECT_EQ(text_line(WallTime{milliseconds{7}}, LogLevel::warn, "service_down",
                      {{"service", "ffmpeg"}, {"message", "it said \"no\""}, {"empty", ""}}),
            "1970-01-01T00:00:00.007Z warn service_down service=ffmpeg message=\"it said \\\"no\\\"\" empty=\"\"");
}

TEST(LogLine, IsReadByPrograms) {
  const auto line = boost::json::parse(
      json_line(WallTime{milliseconds{1'700'000'000'123}}, LogLevel::info, "listening", {{"url", "http://x"}}));

  EXPECT_EQ(line, boost::json::parse(R"({"at":"2023-11-14T22:13:20.123Z","level":"info","event":"listening",)"
                                     R"("url":"http://x"})"));
}

TEST(LogLine, IsOneLineWhateverIsInIt) {
  const std::vector<LogField> fields{{"message", "one\ntwo\x1b[31m\xff"}, {"long", std::string(10'000, 'x')}};
  for (const auto& line :
       {text_line({}, LogLevel::info, "e", fields), json_line({}, LogLevel::info, "e", fields)}) {
    EXPECT_THAT(line, Not(HasSubstr("\n")));
    EXPECT_THAT(line, Not(HasSubstr("\x1b")));
    EXPECT_THAT(line, HasSubstr("one?two?[31m?"));
    EXPECT_LT(line.size(), 1'000U);
  }
}

TEST_F(LineLogTest, WritesWhatIsImportantEnough) {
  auto log_of_warnings = log("warn", "text");
  log_of_warnings.write(LogLevel::info, "quiet", {});
  EXPECT_THAT(said(), IsEmpty());
  log_of_warnings.write(LogLevel::warn, "loud", {});
  EXPECT_THAT(said(), EndsWith(" warn loud\n"));
  log("debug", "json").write(LogLevel::debug, "tiny", {});
  EXPECT_THAT(said(), HasSubstr(R"("event":"tiny")"));
}

TEST_F(LineLogTest, DoesNotWaitForAReaderThatDoesNotRead) {
  auto full = log("info", "text");
  for (int i = 0; i < 2'000; ++i) full.write(LogLevel::info, "event", {{"filler", std::string(200, 'x')}});

  said();
  full.write(LogLevel::info, "after", {});

  const auto after = said();
  EXPECT_THAT(after, HasSubstr("log_lines_lost count="));
  EXPECT_THAT(after, EndsWith(" info after\n"));
}

TEST_F(LineLogTest, DoesNotMindAReaderThatIsGone) {
  std::signal(SIGPIPE, SIG_IGN);  // as the server does
  auto dead = log("info", "text");
  close_reader();

  dead.write(LogLevel::error, "nobody_listens", {});
}

}  // namespace
}  // namespace holdfast
