#include "core/base/make_id.hpp"

#include <array>
#include <string_view>

namespace holdfast {
namespace {

constexpr std::string_view kCrockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::string_view kHex = "0123456789abcdef";

void append_base32(std::string& out, std::uint64_t value, int digits) {
  for (int shift = 5 * (digits - 1); shift >= 0; shift -= 5) out += kCrockford[(value >> shift) & 31U];
}

}  // namespace

std::string make_ulid(WallTime now, Dice dice) {
  std::string out;
  append_base32(out, static_cast<std::uint64_t>(now.time_since_epoch().count()), 10);
  append_base32(out, dice.first & 0xff'ffff'ffffULL, 8);
  append_base32(out, dice.second & 0xff'ffff'ffffULL, 8);
  return out;
}

ItemId make_item_id(WallTime now, Dice dice) { return ItemId{"itm_" + make_ulid(now, dice)}; }

std::string make_token(Dice dice) {
  std::string out;
  for (const std::uint64_t half : {dice.first, dice.second}) {
    for (int shift = 60; shift >= 0; shift -= 4) out += kHex[(half >> shift) & 15U];
  }
  return out;
}

}  // namespace holdfast
