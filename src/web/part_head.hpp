#pragma once

#include "web/multipart.hpp"

namespace holdfast::web {

struct ParsedPartHead {
  PartHead head;
  bool base64 = false;
};

/// Errors: always; invalid HF-UPL-10.
inline std::unexpected<Error> malformed_part(std::string what) {
  return fail(ErrorClass::invalid, "HF-UPL-10", std::move(what));
}

/// Reads the header lines of one part: each ends in CR LF, and the empty line is not among them.
/// Errors: invalid HF-UPL-10.
Result<ParsedPartHead> parse_part_head(std::string_view text);

}  // namespace holdfast::web
