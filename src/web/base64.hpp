#pragma once

#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace holdfast::web {

/// Decodes base64 that comes in pieces of any size. Line ends between the digits are skipped.
/// Source: RFC 2045, section 6.8.
class Base64Decoder {
 public:
  /// The bytes that are complete by now. Errors: invalid HF-UPL-10 (not base64).
  Result<std::string> feed(std::string_view piece);
  /// Errors: invalid HF-UPL-10 (it ends within a group).
  [[nodiscard]] Result<void> finish() const;

 private:
  Result<void> take(char letter, std::string& out);

  unsigned bits_ = 0;    ///< of the group under way
  unsigned digits_ = 0;  ///< seen of it, 0..3
  unsigned padding_ = 0;
};

}  // namespace holdfast::web
