#pragma once

#include <cstdint>

#include "core/base/id.hpp"
#include "core/base/time.hpp"

namespace holdfast {

/// Two draws of 64 bits from a source of chance; who can guess them can guess the name made of them.
struct Dice {
  std::uint64_t first = 0;
  std::uint64_t second = 0;
};

/// 26 characters of Crockford base 32: 48 bits of time in milliseconds, 80 bits of chance. Source: ULID
/// specification.
std::string make_ulid(WallTime now, Dice dice);

/// "itm_" + ULID.
ItemId make_item_id(WallTime now, Dice dice);

/// 128 bits of chance as 32 hexadecimal digits.
std::string make_token(Dice dice);

}  // namespace holdfast
