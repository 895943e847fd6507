#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace holdfast {

/// What a program may do, as arguments for holdfast-confine (docs/decisions/0004-sandbox.md). 0: no limit of
/// that kind.
struct Confinement {
  std::filesystem::path confine;            ///< the program holdfast-confine; empty: run unconfined
  std::vector<std::filesystem::path> read;  ///< files and folders it may read, besides the system's libraries
  std::vector<std::filesystem::path> write;  ///< folders in which it may make files
  std::uint64_t memory_bytes = 0;
  std::uint64_t cpu_seconds = 0;
  std::uint64_t file_bytes = 0;  ///< largest file it may write
  unsigned files = 64;           ///< open descriptors
  bool network = false;
  bool allow_unconfined_files = false;  ///< go on where the kernel has no Landlock
};

/// The command that runs `command` confined so, tied to the life of this process.
[[nodiscard]] std::vector<std::string> confined(const Confinement& rules, std::vector<std::string> command);

/// Exit codes of holdfast-confine itself, out of the way of programs' own.
inline constexpr int kConfineRefused = 125;   ///< a limit could not be set, so the program was not started
inline constexpr int kConfineNotRun = 126;    ///< the program is there and cannot be executed
inline constexpr int kConfineNotFound = 127;  ///< there is no such program

}  // namespace holdfast
