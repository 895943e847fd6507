#pragma once

#include <string_view>

namespace holdfast::llama {

/// Follows JSON as it is written, byte by byte: enough to know when the outermost object is over, and whether
/// the next byte stands inside a string. The grammar guarantees that it is JSON.
class JsonScanner {
 public:
  /// Takes bytes until the outermost object or list is closed. Returns how many were taken.
  std::size_t take(std::string_view bytes) {
    std::size_t taken = 0;
    while (taken < bytes.size() && !complete_) take(bytes[taken++]);
    return taken;
  }
  [[nodiscard]] bool complete() const noexcept { return complete_; }
  [[nodiscard]] bool in_string() const noexcept { return in_string_; }

 private:
  void take(char byte) {
    if (in_string_) {
      in_string_ = escaped_ || byte != '"';
      escaped_ = !escaped_ && byte == '\\';
      return;
    }
    if (byte == '"') in_string_ = true;
    if (byte == '{' || byte == '[') ++depth_;
    if (byte == '}' || byte == ']') complete_ = --depth_ == 0;
  }

  unsigned depth_ = 0;
  bool in_string_ = false;
  bool escaped_ = false;
  bool complete_ = false;
};

}  // namespace holdfast::llama
