#pragma once

#include "core/base/make_id.hpp"

namespace holdfast {

/// Port: chance. The system's cryptographic source in production, the seed in the simulator.
class Entropy {
 public:
  virtual ~Entropy() = default;
  virtual std::uint64_t next() = 0;

  Dice roll() {
    const std::uint64_t first = next();
    return {first, next()};
  }
};

}  // namespace holdfast
