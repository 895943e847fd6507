#pragma once

#include "ports/entropy.hpp"

namespace holdfast {

/// The kernel's cryptographic source. May be used from any thread.
class SystemEntropy final : public Entropy {
 public:
  /// Aborts the process when the kernel gives no random bytes: a guessable name would be worse than a
  /// restart.
  std::uint64_t next() override;
};

}  // namespace holdfast
