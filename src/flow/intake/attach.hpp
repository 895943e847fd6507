#pragma once

#include <optional>

#include "flow/intake/intake.hpp"

namespace holdfast::intake {

/// The job that a call under this key is to wait for, because it is taken for a repetition of the one that made it
/// (core/job/attach.hpp). Nothing: the key is free for new work; where an earlier item still had it, that one has
/// given it up. Errors: those of JobStore. Crash: the key is held or free, and asking again finds out which.
Task<Result<std::optional<Job>>> attach(Deps deps, std::string owner, std::string key, milliseconds within);

}  // namespace holdfast::intake
