#include "core/base/base64.hpp"

#include <algorithm>
#include <cstdint>

namespace holdfast {

std::string to_base64(std::string_view bytes) {
  static constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (; !bytes.empty(); bytes.remove_prefix(std::min<std::size_t>(3, bytes.size()))) {
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i)
      group = group << 8U | (i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0U);
    for (std::size_t i = 0; i < 4; ++i) {
      const bool padding = i > bytes.size();
      out += padding ? '=' : kDigits[group >> (18U - 6U * i) & 63U];
    }
  }
  return out;
}

}  // namespace holdfast
