#pragma once

#include <string>

#include "confine/arguments.hpp"

namespace holdfast::confine {

/// Limits of memory, CPU time, files and descriptors; no core dumps; low priority; first to go when memory is
/// short. Empty: done; else what went wrong.
std::string set_limits(const Arguments& arguments);

/// Gives up every capability and the chance to gain any by running another program.
std::string drop_privileges();

/// Dies with its parent, and at once if the parent is not `parent` any more (0: whoever it is).
std::string tie_to_parent(std::uint64_t parent);

}  // namespace holdfast::confine
