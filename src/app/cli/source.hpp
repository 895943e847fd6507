#pragma once

#include <string>

#include "core/base/result.hpp"

namespace holdfast::cli {

/// Bytes to send, of known length, that can be read again from the start. Reading keeps at most one chunk in
/// memory.
class Source {
 public:
  static constexpr std::size_t kChunkMax = 256U << 10U;

  /// Opens a file. Errors: not_found HF-CLI-03 (not there, a folder, not allowed).
  static Result<Source> open_file(const std::string& path);
  /// Takes what a descriptor gives. A regular file is read in place; anything else is first written to a
  /// nameless temporary file in `folder`, because a pipe cannot be read twice and sending may have to begin
  /// anew. Errors: not_found HF-CLI-03 (reading failed, no room).
  static Result<Source> take_stream(int descriptor, const std::string& folder);

  Source(Source&& other) noexcept : descriptor_{other.descriptor_}, size_{other.size_} {
    other.descriptor_ = -1;
  }
  Source& operator=(Source&&) = delete;
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;
  ~Source();

  [[nodiscard]] std::uint64_t size() const { return size_; }
  /// The bytes from `offset`, at most kChunkMax; never empty before the end.
  /// Errors: not_found HF-CLI-03 (the file became shorter or cannot be read).
  [[nodiscard]] Result<std::string> read(std::uint64_t offset) const;

 private:
  Source(int descriptor, std::uint64_t size) : descriptor_{descriptor}, size_{size} {}

  int descriptor_ = -1;
  std::uint64_t size_ = 0;
};

}  // namespace holdfast::cli
