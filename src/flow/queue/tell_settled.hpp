#pragma once

#include "core/job/job.hpp"
#include "ports/log.hpp"

namespace holdfast::queue {

/// Says in the log how an attempt ended: `before` as it was leased, `after` as it was settled. Ids and codes
/// only; what a failure says may repeat what is in the file.
void tell_settled(Log* log, const Job& before, const Job& after);

}  // namespace holdfast::queue
