#include "adapters/asio/entropy.hpp"

#include <sys/random.h>

#include <cerrno>
#include <cstdlib>

namespace holdfast {

std::uint64_t SystemEntropy::next() {
  std::uint64_t drawn = 0;
  for (;;) {
    const ssize_t got = ::getrandom(&drawn, sizeof drawn, 0);
    if (got == static_cast<ssize_t>(sizeof drawn)) return drawn;
    if (got < 0 && errno != EINTR) std::abort();
  }
}

}  // namespace holdfast
