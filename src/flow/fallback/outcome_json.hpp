#pragma once

#include <string>

#include "core/job/decide.hpp"

namespace holdfast::fallback {

/// An outcome without extractions as it is kept in a cache.
std::string to_json(const decide::StageOutcome& outcome);

/// The inverse. Errors: corrupt HF-STO-03 (it is no such outcome: then it is as if nothing had been found).
Result<decide::StageOutcome> outcome_of(const std::string& text);

}  // namespace holdfast::fallback
