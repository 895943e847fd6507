#pragma once

#include <cstddef>

namespace holdfast::system {

/// Lets go of the pages of this process's program that lie in memory: its code, its constants, and the tables that only
/// its start needed. They stay in the page cache of the machine as long as there is room, and come back by themselves,
/// one by one, where they are used again: a start runs through much of a program that a server which waits does not
/// need. Nothing that was written is touched: only what is mapped from a file, cannot be written to, and is as it is in
/// the file. Returns how many bytes that is; 0: this cannot be done here.
/// Source: madvise(2), MADV_DONTNEED of a file mapping.
std::size_t give_back_program_pages();

/// Gives freed memory that the allocator keeps for later back to the machine. Source: malloc_trim(3).
void give_back_free_memory();

}  // namespace holdfast::system
