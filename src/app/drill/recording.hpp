#pragma once

#include <filesystem>
#include <string>

#include "core/base/result.hpp"
#include "core/base/time.hpp"

/// The sound that drills send: WAV, 16 bits, mono, 16,000 samples a second.
namespace holdfast::drill {

class Recording {
 public:
  /// Reads a WAV file of that kind with speech in it. Errors: not_found HF-CLI-03 (not there, of another kind).
  static Result<Recording> read(const std::filesystem::path& file);

  /// The speech said again and again until it is at least so long, as a WAV file.
  [[nodiscard]] std::string speech(milliseconds length) const;
  /// The speech once.
  [[nodiscard]] std::string sentence() const;
  [[nodiscard]] milliseconds length() const;

  /// A WAV file of nothing to hear.
  [[nodiscard]] static std::string silence(milliseconds length);
  /// Says that it is a WAV file and cannot be read as one.
  [[nodiscard]] static std::string broken();

 private:
  explicit Recording(std::string samples) : samples_{std::move(samples)} {}
  std::string samples_;
};

}  // namespace holdfast::drill
