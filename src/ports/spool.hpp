#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "ports/task.hpp"

namespace holdfast {

/// A record of the spool. Numbers grow, over restarts as well, as long as a record is there.
struct SpoolRecord {
  std::uint64_t seq = 0;
  std::string bytes;
};

/// Port: what could not be written into the store yet, in order. It lies elsewhere than in the store, so that what
/// stops the one need not stop the other. One process uses it at a time.
class Spool {
 public:
  virtual ~Spool() = default;
  /// Everything that was appended and not taken out, oldest first. What a crash cut short in the middle of an append is
  /// not among it: nobody was told of that. Call once, before anything is appended. Errors: corrupt HF-SPL-02 (a record
  /// that was acknowledged cannot be read), as append.
  virtual Task<Result<std::vector<SpoolRecord>>> load() = 0;
  /// Durable when it returns. Errors: resource HF-STO-02 (no room here either), transient HF-STO-01, unknown HF-STO-01
  /// (it may be there after a restart).
  virtual Task<Result<std::uint64_t>> append(std::string bytes) = 0;
  /// Takes out everything up to and including `seq`, durably if nothing is left then. Records that come back after a
  /// crash are applied once more, which changes nothing. Errors: as append.
  virtual Task<Result<void>> drop_through(std::uint64_t seq) = 0;

  static constexpr std::size_t kRecordMax = 16U << 20U;  ///< bytes of one record
};

}  // namespace holdfast
