#pragma once

#include <string>
#include <string_view>

namespace holdfast::web {

/// What is kept of a name that a sender gave a file: the part after the last slash or backslash, valid UTF-8
/// of at most 255 bytes, without control characters and without those that turn the direction of text. It is
/// shown, never opened; where nothing usable is left it is "upload".
std::string clean_file_name(std::string_view raw);

/// Content-Disposition of a download: `attachment`, the name in ASCII and, if it has other letters, in UTF-8
/// as well. Source: RFC 6266, section 4; RFC 8187.
std::string attachment(std::string_view file_name);

}  // namespace holdfast::web
