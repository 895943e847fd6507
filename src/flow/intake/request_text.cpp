#include "flow/intake/request_text.hpp"

#include <algorithm>
#include <string>

#include "core/grounding/clean.hpp"
#include "core/transcript/text.hpp"

namespace holdfast::intake {
namespace {

bool is_control(char letter) {
  const auto byte = static_cast<unsigned char>(letter);
  return (byte < 0x20 && letter != '\t' && letter != '\n' && letter != '\r') || byte == 0x7f;
}

/// U+0080 to U+009F, as UTF-8.
bool has_high_control(std::string_view text) {
  for (std::size_t at = text.find('\xc2'); at != std::string_view::npos; at = text.find('\xc2', at + 1)) {
    if (at + 1 < text.size() && static_cast<unsigned char>(text[at + 1]) < 0xa0) return true;
  }
  return false;
}

}  // namespace

std::unexpected<Error> text_too_long() {
  Error error{ErrorClass::invalid, "HF-UPL-01", "a text has at most " + std::to_string(kTextBytesMax) + " bytes"};
  error.state("bytes_max", kTextBytesMax);
  return std::unexpected{std::move(error)};
}

Result<void> check_text(std::string_view text) {
  if (text.size() > kTextBytesMax) return text_too_long();
  if (text.empty()) return fail(ErrorClass::invalid, "HF-UPL-08", "the text is empty");
  if (transcript::to_valid_utf8(std::string{text}) != text)
    return fail(ErrorClass::invalid, "HF-UPL-02", "the text is not UTF-8");
  if (std::ranges::any_of(text, is_control) || has_high_control(text))
    return fail(ErrorClass::invalid, "HF-TXT-01", "it holds control characters");
  if (grounding::clean_text(text, 1).empty()) return fail(ErrorClass::invalid, "HF-UPL-08", "the text is empty");
  return {};
}

}  // namespace holdfast::intake
