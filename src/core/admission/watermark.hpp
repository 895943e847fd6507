#pragma once

#include <cstdint>

namespace holdfast::admission {

/// Two marks of what is available, as fractions of the whole: two, because one mark would let a gate flutter.
struct Watermarks {
  double close_below = 0;
  double open_above = 0;
};

enum class Gate : std::uint8_t { open, closed };

/// What a gate becomes when so much is available. Between the marks it stays what it was.
[[nodiscard]] constexpr Gate next_gate(Gate gate, double available, Watermarks marks) {
  if (available < marks.close_below) return Gate::closed;
  if (available > marks.open_above) return Gate::open;
  return gate;
}

}  // namespace holdfast::admission
