#include "app/cli/render.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "app/cli/progress.hpp"

namespace holdfast::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr Style kAscii{.columns = 100, .unicode = false};

ItemState running(double fraction) {
  return {.id = "itm_1",
          .name = "intro.mp4",
          .status = "processing",
          .stage = "stt",
          .title = "Transcribing",
          .fraction = fraction,
          .attempts = 1,
          .error = {}};
}

/// Progress with a clock of the test's own.
struct Screen {
  explicit Screen(bool redraw) : progress{out, {.redraw = redraw, .style = kAscii}, [this] { return now; }} {}
  std::ostringstream out;
  milliseconds now{0};
  Progress progress;
};

TEST(Bar, FillsAsFarAsTheFractionSays) {
  EXPECT_EQ(bar(0, 4, false), "....");
  EXPECT_EQ(bar(0.5, 4, false), "##..");
  EXPECT_EQ(bar(1, 4, false), "####");
  EXPECT_EQ(bar(7, 4, false), "####");
  EXPECT_EQ(bar(-1, 4, false), "....");
  EXPECT_EQ(bar(0.375, 4, true), "█▌  ");
  EXPECT_EQ(bar(1, 2, true), "██");
}

TEST(Human, SizesAndTimes) {
  EXPECT_EQ(human_size(0), "0 B");
  EXPECT_EQ(human_size(999), "999 B");
  EXPECT_EQ(human_size(1'500), "1.5 kB");
  EXPECT_EQ(human_size(999'999), "1.0 MB");
  EXPECT_EQ(human_size(182'000'000), "182 MB");
  EXPECT_EQ(human_time(milliseconds{1'250}), "1.2 s");
  EXPECT_EQ(human_time(milliseconds{70'000}), "1 min 10 s");
  EXPECT_EQ(human_time(milliseconds{7'260'000}), "2 h 1 min");
}

TEST(Printable, TakesTheTeethOutOfNames) {
  EXPECT_EQ(printable("a\x1b[31mb\n\r\tc\x7f"), "a?[31mb???c?");
  EXPECT_EQ(printable("\u202egpj.exe"), "?gpj.exe");
  EXPECT_EQ(printable("\xc2\x9b"), "?");
  EXPECT_EQ(printable("\xff\xfeok\xc3"), "??ok?");
  EXPECT_EQ(printable("größe 日本"), "größe 日本");
}

TEST(Lines, NeverBecomeWiderThanTheTerminal) {
  ItemState state = running(0.41);
  state.name = std::string(300, 'x');
  for (unsigned columns = 2; columns < 90; ++columns) {
    const Style style{.columns = columns, .unicode = false};
    EXPECT_LT(item_line(state, style).size(), columns);
    EXPECT_LT(sending_line(state.name, 5, 10, style).size(), columns);
  }
}

TEST(Lines, SayStageAndHowFar) {
  EXPECT_THAT(item_line(running(0.41), kAscii), HasSubstr("intro.mp4"));
  EXPECT_THAT(item_line(running(0.41), kAscii), HasSubstr("Transcribing    #########...............  41 %"));
  EXPECT_THAT(sending_line("a.wav", 61, 100, kAscii), HasSubstr("61 %  61 B of 100 B"));
  EXPECT_EQ(state_words(running(0.41)), "Transcribing, 41 %");
  EXPECT_EQ(state_words(running(-1)), "Transcribing");
}

TEST(Lines, ColourOnlyWhereItIsWanted) {
  ItemState state = running(-1);
  state.status = "failed";
  state.error = "no\x1b sound";
  EXPECT_THAT(item_line(state, kAscii), Not(HasSubstr("\x1b")));
  EXPECT_THAT(item_line(state, kAscii), HasSubstr("Failed: no? sound"));
  EXPECT_THAT(item_line(state, {.columns = 100, .unicode = false, .colour = true}), HasSubstr("\x1b[31m"));
}

TEST(Progress, OnATerminalOneLineIsDrawnAgainAtMostTenTimesASecond) {
  Screen screen{true};
  screen.progress.item(running(0.1));
  for (int step = 0; step < 50; ++step) {
    screen.now += milliseconds{10};
    screen.progress.item(running(0.1));
  }
  const auto text = screen.out.str();
  EXPECT_EQ(std::ranges::count(text, '\r'), 6);
  EXPECT_EQ(std::ranges::count(text, '\n'), 0);
  screen.progress.end();
  EXPECT_TRUE(screen.out.str().ends_with("\n"));
}

TEST(Progress, InALogThereIsALineForEachChangeAndNoControlCharacter) {
  Screen screen{false};
  for (const double fraction : {0.1, 0.2, 0.3}) screen.progress.item(running(fraction));
  ItemState done = running(-1);
  done.status = "completed";
  done.stage.clear();
  screen.progress.item(done);
  screen.progress.end();

  EXPECT_EQ(screen.out.str(), "intro.mp4: Transcribing, 10 %\nintro.mp4: Completed\n");
}

TEST(Progress, SendingIsSaidInTenthsWhenItTakesLong) {
  Screen screen{false};
  for (std::uint64_t sent = 0; sent <= 1000; ++sent) {
    screen.progress.sending("a.wav", sent, 1000);
    screen.now += milliseconds{20};
  }
  const auto text = screen.out.str();
  EXPECT_EQ(std::ranges::count(text, '\n'), 10);
  EXPECT_TRUE(text.ends_with("a.wav: sent 100 %, 1.0 kB of 1.0 kB\n"));
}

TEST(Progress, ASmallFileIsSaidToBeSentOnce) {
  Screen screen{false};
  for (const std::uint64_t sent : {0U, 500U, 1000U}) screen.progress.sending("a.wav", sent, 1000);
  EXPECT_EQ(screen.out.str(), "a.wav: sent 100 %, 1.0 kB of 1.0 kB\n");
}

TEST(Progress, ASentenceIsSaidOnceInARow) {
  Screen screen{true};
  screen.progress.item(running(0.5));
  screen.progress.note("server is not answering, trying again");
  screen.progress.note("server is not answering, trying again");
  EXPECT_THAT(screen.out.str(), HasSubstr("\nserver is not answering, trying again\n"));
  EXPECT_EQ(std::ranges::count(screen.out.str(), '\n'), 2);
}

}  // namespace
}  // namespace holdfast::cli
