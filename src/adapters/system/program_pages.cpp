#include "adapters/system/program_pages.hpp"

#include <malloc.h>
#include <sys/mman.h>

#include <cstdint>
#include <sstream>
#include <string>
#include <vector>

#include "adapters/system/small_file.hpp"

namespace holdfast::system {
namespace {

/// An entry of /proc/self/smaps, proc_pid_smaps(5).
struct Mapping {
  std::uintptr_t from = 0;
  std::uintptr_t to = 0;
  std::string access;
  std::uint64_t inode = 0;
  bool changed = true;  ///< some page of it is no longer as in the file
};

/// Whether this is the line that an entry begins with.
bool read_head(const std::string& line, Mapping& mapping) {
  std::istringstream words{line};
  char dash = 0;
  std::string offset;
  std::string device;
  words >> std::hex >> mapping.from >> dash >> mapping.to >> mapping.access >> offset >> device >> std::dec >>
      mapping.inode;
  return !words.fail() && dash == '-' && mapping.to > mapping.from;
}

std::vector<Mapping> mappings() {
  std::istringstream lines{text_of("/proc/self/smaps")};
  std::vector<Mapping> found;
  for (std::string line; std::getline(lines, line);) {
    if (Mapping next; read_head(line, next)) found.push_back(std::move(next));
    if (!found.empty() && line.starts_with("Anonymous:")) found.back().changed = std::stoull(line.substr(10)) != 0;
  }
  return found;
}

/// Private, not writable, and no page of it was written before it became so (as the linker does with its tables): what
/// is dropped is in the file as it was.
bool is_as_in_its_file(const Mapping& mapping) {
  return mapping.inode != 0 && !mapping.changed && (mapping.access == "r-xp" || mapping.access == "r--p");
}

}  // namespace

std::size_t give_back_program_pages() {
  std::size_t bytes = 0;
  for (const Mapping& mapping : mappings()) {
    if (!is_as_in_its_file(mapping)) continue;
    const std::size_t length = mapping.to - mapping.from;
    // NOLINTNEXTLINE(performance-no-int-to-ptr): that is how the kernel tells of it
    if (::madvise(reinterpret_cast<void*>(mapping.from), length, MADV_DONTNEED) == 0) bytes += length;
  }
  return bytes;
}

void give_back_free_memory() { ::malloc_trim(0); }

}  // namespace holdfast::system
