#pragma once

#include "ports/meter.hpp"

namespace holdfast::queue {

/// How an attempt ended, from the job as it was claimed and as it was settled: completed, retried, held, interrupted,
/// cancelled or dead.
[[nodiscard]] std::string_view outcome_of(const Job& before, const Job& after);

/// Counts an attempt that ended, and the item if that is over. `meter` may be null.
void measure(Meter* meter, const Job& before, const Job& after, milliseconds took);

}  // namespace holdfast::queue
