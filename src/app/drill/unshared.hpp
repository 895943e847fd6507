#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

#include "app/config/environment.hpp"
#include "core/base/result.hpp"

/// Parts of this machine that a drill takes for itself alone, in namespaces of its own process, so that nothing
/// outside is touched and all of it is gone with the process. Without root a user namespace is made as well.
namespace holdfast::drill {

/// From now on this process and what it starts have a loopback device and no other network. Errors: not_found HF-DRL-02
/// (the kernel does not allow it).
Result<void> leave_the_network();

/// A small file system of its own, mounted at `folder`. Errors: not_found HF-DRL-02 (not allowed here).
Result<void> mount_small(const std::filesystem::path& folder, std::uint64_t bytes);

/// The library that lets a program see another calendar (libfaketime, to be preloaded). Errors: not_found HF-DRL-02.
Result<std::filesystem::path> find_faketime();

/// The program of that name in PATH. Errors: not_found HF-DRL-02 (not installed).
Result<std::filesystem::path> find_program(const Environment& environment, std::string_view name);

}  // namespace holdfast::drill
