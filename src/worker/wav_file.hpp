#pragma once

#include <cstdint>
#include <vector>

#include "core/base/result.hpp"
#include "core/speech/region.hpp"
#include "worker/unique_fd.hpp"

namespace holdfast::worker {

inline constexpr std::int64_t kSamplesPerMs = 16;

/// A recording as the media stage makes it: WAV, 16 kHz, one channel, signed 16 bit. Read in pieces, never
/// whole.
class WavFile {
 public:
  /// Takes over the descriptor. A header that promises more than the file holds is believed as far as the
  /// file goes. Errors: permanent HF-MED-01 (not such a file), transient HF-STO-01 (cannot be read).
  static Result<WavFile> open(UniqueFd fd);

  [[nodiscard]] std::int64_t samples() const noexcept { return samples_; }
  /// Rounded up: the last sample lies before it.
  [[nodiscard]] std::int64_t duration_ms() const noexcept { return (samples_ + 15) / 16; }

  /// Mono f32 in [-1, 1] of [first, first + count), less where the recording ends. Errors: transient
  /// HF-STO-01.
  [[nodiscard]] Result<std::vector<float>> read(std::int64_t first, std::int64_t count) const;
  /// The same by time. Errors: as above.
  [[nodiscard]] Result<std::vector<float>> read(speech::Region region) const;

 private:
  WavFile(UniqueFd fd, std::int64_t data_at, std::int64_t samples)
      : fd_{std::move(fd)}, data_at_{data_at}, samples_{samples} {}
  UniqueFd fd_;
  std::int64_t data_at_ = 0;
  std::int64_t samples_ = 0;
};

}  // namespace holdfast::worker
