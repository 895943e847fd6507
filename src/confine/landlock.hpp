#pragma once

#include <string>

#include "confine/arguments.hpp"

namespace holdfast::confine {

/// Version of Landlock in this kernel; 0: none.
int landlock_abi();

/// Leaves this process, and all it becomes, only the files that `arguments` name, the program itself, and the
/// system's libraries; without --no-network nothing is said of connections. Empty: done; else what went
/// wrong. Source: kernel documentation, userspace-api/landlock.rst.
std::string restrict_files(const Arguments& arguments, int abi);

}  // namespace holdfast::confine
