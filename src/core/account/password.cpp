#include "core/account/password.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "core/transcript/text.hpp"

namespace holdfast::account {
namespace {

/// The most common ones of eight characters and more in published leaks, and our own name.
constexpr std::array<std::string_view, 40> kTriedFirst{
    "password",    "password1",  "password12",  "password123", "password1234", "passw0rd",    "p@ssw0rd",
    "12345678",    "123456789",  "1234567890",  "0123456789",  "87654321",     "987654321",   "0987654321",
    "123123123",   "12341234",   "11223344",    "1q2w3e4r",    "1q2w3e4r5t",   "1qaz2wsx",    "qwertyui",
    "qwertyuiop",  "qwerty123",  "qwerty12345", "asdfghjk",    "asdfghjkl",    "abcdefgh",    "abcd1234",
    "iloveyou",    "sunshine",   "princess",    "football",    "baseball",     "superman",    "trustno1",
    "letmein123",  "welcome123", "changeme",    "holdfast",    "holdfast123"};

std::string lower_case(std::string_view text) {
  std::string out{text};
  for (char& letter : out) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter | 0x20);
  }
  return out;
}

/// Of valid UTF-8: bytes that do not go on with a character.
std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; }));
}

std::unexpected<Error> refused(std::string why) { return fail(ErrorClass::invalid, "HF-ACC-02", std::move(why)); }

}  // namespace

Result<void> check_password(std::string_view password, std::string_view user_name) {
  if (password.size() > kPasswordMax) return refused("at most 1024 bytes");
  if (transcript::to_valid_utf8(password) != password) return refused("it is not UTF-8");
  if (characters(password) < kPasswordMin) return refused("at least 8 characters; a sentence is a good one");
  const std::string known = lower_case(password);
  if (std::ranges::find(kTriedFirst, known) != kTriedFirst.end()) return refused("it is one of those tried first");
  if (known.find_first_not_of(known.front()) == std::string::npos) return refused("it is one character repeated");
  if (known == user_name) return refused("it is the user's name");
  return {};
}

}  // namespace holdfast::account
