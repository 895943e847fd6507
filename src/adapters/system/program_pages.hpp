#pragma once

#include <cstddef>

namespace holdfast::system {

/// Lets go of the pages of this process's program text that lie in memory. They stay in the page cache of the machine
/// as long as there is room, and come back by themselves, one by one, where they are used again: a start runs through
/// much of a program that a server which waits does not need. Nothing that was written is touched: only text that is
/// mapped from a file, readable and executable. Returns how many bytes of text there are; 0: this cannot be done here.
/// Source: madvise(2), MADV_DONTNEED of a file mapping.
std::size_t give_back_program_text();

}  // namespace holdfast::system
