#include "core/base/instant.hpp"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

std::int64_t ms(std::string_view text) {
  const auto time = parse_instant(text);
  return time ? time->time_since_epoch().count() : -1;
}

TEST(Instant, ReadsTimesAsTheyAreWritten) {
  EXPECT_EQ(ms("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(ms("2000-02-29T23:59:59.999Z"), 951'868'799'999);
  EXPECT_EQ(ms("2000-02-29t23:59:59.9z"), 951'868'799'900);
  EXPECT_EQ(ms("2000-03-01T00:59:59.999999999+01:00"), 951'868'799'999);
  EXPECT_EQ(ms("1970-01-01 00:00:00-00:30"), 1'800'000);
}

TEST(Instant, RefusesWhatIsNoTime) {
  for (const char* text : {"", "yesterday", "1970-01-01", "1970-01-01T00:00:00", "1970-13-01T00:00:00Z",
                           "2001-02-29T00:00:00Z", "1970-01-01T24:00:00Z", "1970-01-01T00:00:00.Z",
                           "1970-01-01T00:00:00Zx", "1970-1-01T00:00:00Z", "-970-01-01T00:00:00Z",
                           "1970-01-01T00:00:00+1:00", "1970-01-01T00:00:00.1234567890Z"}) {
    EXPECT_FALSE(parse_instant(text).has_value()) << text;
  }
}

TEST(Instant, FR_9_TheOffsetOfAPlaceIsKnownWhereOneIsSaid) {
  using std::chrono::minutes;
  EXPECT_EQ(parse_offset("2026-11-22T04:19:07+01:00"), minutes{60});
  EXPECT_EQ(parse_offset("2026-11-22T04:19:07.25-03:30"), minutes{-210});
  EXPECT_EQ(parse_offset("2026-11-22T04:19:07+00:00"), minutes{0});
  for (const char* unknown : {"2026-11-22T04:19:07Z", "2026-11-22T04:19:07-00:00", "2026-11-22", "+01:00", ""})
    EXPECT_FALSE(parse_offset(unknown).has_value()) << unknown;
}

}  // namespace
}  // namespace holdfast
