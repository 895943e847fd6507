#include "web/base64.hpp"

namespace holdfast::web {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::unexpected<Error> no_base64() {
  return fail(ErrorClass::invalid, "HF-UPL-10", "a part says that it is base64, and is not");
}

}  // namespace

Result<void> Base64Decoder::take(char letter, std::string& out) {
  if (letter == '\r' || letter == '\n') return {};
  if (letter == '=') {
    ++padding_;
    if (digits_ < 2 || digits_ + padding_ > 4) return no_base64();
    return {};
  }
  const auto value = kAlphabet.find(letter);
  if (value == std::string_view::npos || padding_ > 0) return no_base64();
  bits_ = bits_ << 6U | static_cast<unsigned>(value);
  digits_ = (digits_ + 1) % 4;
  if (digits_ == 1) return {};
  const unsigned left = digits_ == 0 ? 0 : 6 - 2 * (digits_ - 1);
  out += static_cast<char>(bits_ >> left & 0xFFU);
  if (digits_ == 0) bits_ = 0;
  return {};
}

Result<std::string> Base64Decoder::feed(std::string_view piece) {
  std::string out;
  for (const char letter : piece) HF_TRY_VOID(take(letter, out));
  return out;
}

Result<void> Base64Decoder::finish() const {
  const bool whole = digits_ == 0 ? padding_ == 0 : digits_ + padding_ == 4;
  if (!whole) return no_base64();
  return {};
}

}  // namespace holdfast::web
