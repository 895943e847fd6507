#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/result.hpp"
#include "core/base/time.hpp"

/// How people write durations and sizes in configuration and recipes: a number, then a unit. A number without
/// a unit is refused, because "30" has been taken for seconds, minutes and milliseconds before.
namespace holdfast::units {

/// "250 ms", "30 s", "15 min", "1.5 h", "7 d" (the space may be left out). At most 10,000 days.
/// Errors: invalid HF-CFG-01 (a sentence that shows how to write it).
Result<milliseconds> parse_duration(std::string_view text);

/// Bytes: "4096 B", "5 GB" (powers of 1000: kB, MB, GB, TB), "512 MiB" (powers of 1024: KiB, MiB, GiB, TiB).
/// At most 2^53 bytes. Errors: invalid HF-CFG-01.
Result<std::uint64_t> parse_size(std::string_view text);

}  // namespace holdfast::units
