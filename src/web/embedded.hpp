#pragma once

#include <string_view>

namespace holdfast::web {

/// A file that was put into the program when it was built (cmake/embed.cmake).
struct EmbeddedFile {
  std::string_view name;
  std::string_view bytes;
  std::string_view sha256;  ///< the first 16 hexadecimal digits, for the ETag
};

/// The file of that name, or nullptr.
const EmbeddedFile* find_embedded(std::string_view name);

}  // namespace holdfast::web
