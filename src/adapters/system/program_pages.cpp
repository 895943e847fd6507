#include "adapters/system/program_pages.hpp"

#include <sys/mman.h>

#include <cstdint>
#include <sstream>
#include <string>

#include "adapters/system/small_file.hpp"

namespace holdfast::system {
namespace {

/// A line of /proc/self/maps, proc_pid_maps(5).
struct Mapping {
  std::uintptr_t from = 0;
  std::uintptr_t to = 0;
  std::string access;
  std::uint64_t inode = 0;
};

bool read(const std::string& line, Mapping& mapping) {
  std::istringstream words{line};
  char dash = 0;
  std::string offset;
  std::string device;
  words >> std::hex >> mapping.from >> dash >> mapping.to >> mapping.access >> offset >> device >> std::dec >>
      mapping.inode;
  return !words.fail() && dash == '-' && mapping.to > mapping.from;
}

/// Private and never writable: what is dropped is in the file as it was.
bool is_text_of_a_file(const Mapping& mapping) { return mapping.access == "r-xp" && mapping.inode != 0; }

}  // namespace

std::size_t give_back_program_text() {
  std::istringstream lines{text_of("/proc/self/maps")};
  std::size_t bytes = 0;
  for (std::string line; std::getline(lines, line);) {
    Mapping mapping;
    if (!read(line, mapping) || !is_text_of_a_file(mapping)) continue;
    const std::size_t length = mapping.to - mapping.from;
    // NOLINTNEXTLINE(performance-no-int-to-ptr): that is how the kernel tells of it
    if (::madvise(reinterpret_cast<void*>(mapping.from), length, MADV_DONTNEED) == 0) bytes += length;
  }
  return bytes;
}

}  // namespace holdfast::system
