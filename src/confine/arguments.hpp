#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace holdfast::confine {

/// What the command line asks for. Lists of paths run to the next word that begins with "--".
struct Arguments {
  bool report = false;            ///< --report: say what this kernel offers, as JSON, and end
  std::vector<std::string> read;  ///< --read PATH...: files and folders that may be read
  std::vector<std::string>
      write;  ///< --write DIR...: folders in which files may be made, changed and removed
  std::vector<std::string> devices;  ///< --device PATH...: may be read, written and controlled (accelerators)
  std::vector<std::string> environment;  ///< --env NAME=VALUE...: the only variables besides PATH and LANG
  std::uint64_t memory = 0;              ///< --memory BYTES of private memory
  std::uint64_t cpu = 0;                 ///< --cpu SECONDS
  std::uint64_t file = 0;                ///< --file BYTES, the largest file
  std::uint64_t files = 64;              ///< --files N open descriptors
  std::uint64_t nice = 10;               ///< --nice N
  std::uint64_t parent = 0;              ///< --parent PID: end at once unless that is the parent
  bool no_network = false;               ///< --no-network
  bool allow_unconfined_files = false;   ///< --allow-unconfined-files: go on without Landlock
  std::vector<char*> command;            ///< after --: program and arguments, ended by nullptr
};

/// nullopt: not understood; `problem` says what.
std::optional<Arguments> parse_arguments(int count, char** words, std::string& problem);

}  // namespace holdfast::confine
