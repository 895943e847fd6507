#pragma once

#include <poll.h>

#include <span>

#include "core/base/result.hpp"
#include "core/base/time.hpp"

/// Ctrl-C and SIGTERM for commands that wait. The signals are let through only while one of the waits below
/// is in progress, so that none is missed between a look and a wait.
namespace holdfast::cli::interrupt {

/// Takes the signals over. The first one ends the wait in progress; a second one ends the program at once.
void install();

/// The number of the signal that came, or 0.
[[nodiscard]] int caught();

/// poll(2). Returns false when the time is over. Errors: canceled (a signal came), transient.
Result<bool> wait_for(std::span<pollfd> descriptors, milliseconds time);

/// Errors: canceled.
Result<void> sleep_for(milliseconds time);

}  // namespace holdfast::cli::interrupt
