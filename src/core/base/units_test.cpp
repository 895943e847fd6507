#include "core/base/units.hpp"

#include <gtest/gtest.h>

namespace holdfast::units {
namespace {

TEST(Units, ReadsDurationsAsPeopleWriteThem) {
  EXPECT_EQ(parse_duration("250 ms").value(), milliseconds{250});
  EXPECT_EQ(parse_duration("30 s").value(), milliseconds{30'000});
  EXPECT_EQ(parse_duration("15 min").value(), milliseconds{900'000});
  EXPECT_EQ(parse_duration(" 1.5h ").value(), milliseconds{5'400'000});
  EXPECT_EQ(parse_duration("7 d").value(), milliseconds{604'800'000});
  EXPECT_EQ(parse_duration("0 s").value(), milliseconds{0});
}

TEST(Units, ReadsSizesInPowersOfTenAndOfTwo) {
  EXPECT_EQ(parse_size("4096 B").value(), 4096U);
  EXPECT_EQ(parse_size("5 GB").value(), 5'000'000'000U);
  EXPECT_EQ(parse_size("512 MiB").value(), 536'870'912U);
  EXPECT_EQ(parse_size("0.5KiB").value(), 512U);
  EXPECT_EQ(parse_size("2 TiB").value(), 2'199'023'255'552U);
}

TEST(Units, RefusesWhatCouldMeanTwoThings) {
  for (const auto* text : {"", " ", "30", "s", "-1 s", "1 sec", "1 m", "1,5 h", "nan s", "inf s", "1e3 s",
                           "1 s s", "10001 d", "99999999999999999999999 d"}) {
    const auto parsed = parse_duration(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().error_class(), ErrorClass::invalid);
    EXPECT_EQ(parsed.error().code(), "HF-CFG-01");
  }
  for (const auto* text : {"5", "5 gb", "5 G", "-1 B", "10000000 TB", "0x10 B"})
    EXPECT_FALSE(parse_size(text)) << text;
}

TEST(Units, SaysHowToWriteIt) {
  EXPECT_NE(parse_duration("15 mins").error().what().find("ms, s, min, h, d"), std::string::npos);
  EXPECT_NE(parse_size("5 gb").error().what().find("\"512 MiB\""), std::string::npos);
}

}  // namespace
}  // namespace holdfast::units
