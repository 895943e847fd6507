#include "flow/intake/request_text.hpp"

#include <gtest/gtest.h>

#include <string>

namespace holdfast::intake {
namespace {

using namespace std::string_literals;

std::string code_of(const std::string& text) {
  const auto checked = check_text(text);
  if (checked) return "taken";
  EXPECT_EQ(checked.error().error_class(), ErrorClass::invalid);
  return checked.error().code();
}

TEST(RequestText, FG_1_PlainTextIsTaken) {
  for (const auto& text : {"a warm evening"s, "two\r\nlines\tand a tab"s, "caf\xc3\xa9 \xf0\x9f\x8c\xb9 \xc2\xa0"s,
                           std::string(kTextBytesMax, 'x')}) {
    EXPECT_EQ(code_of(text), "taken") << text.substr(0, 40);
  }
}

TEST(RequestText, FG_1_WhatCannotBeTakenHasACode) {
  EXPECT_EQ(code_of(""), "HF-UPL-08");
  EXPECT_EQ(code_of(" \t\r\n \xc2\xa0\xe2\x80\x8b"), "HF-UPL-08") << "blanks and what has no width";
  EXPECT_EQ(code_of("\xff\xfe"), "HF-UPL-02");
  EXPECT_EQ(code_of("woody \xe2\x82"), "HF-UPL-02") << "cut off in a character";
  for (const auto& text : {"a\0b"s, "\x1b[31mred"s, "a\x7f"s, "a\x0b"s, "a\xc2\x85z"s})
    EXPECT_EQ(code_of(text), "HF-TXT-01");
}

TEST(RequestText, FG_1_TheLimitIsTold) {
  const auto checked = check_text(std::string(1U << 20U, 'x'));

  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().code(), "HF-UPL-01");
  ASSERT_EQ(checked.error().facts().size(), 1U);
  EXPECT_EQ(checked.error().facts()[0], (Error::Fact{"bytes_max", 65'536}));
}

}  // namespace
}  // namespace holdfast::intake
