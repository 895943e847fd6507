#pragma once

#include <string>
#include <string_view>

namespace holdfast::sodium {

/// BLAKE2b with 256 bits as 64 hexadecimal digits: the name of an answer in the cache.
[[nodiscard]] std::string digest(std::string_view bytes);

}  // namespace holdfast::sodium
