#pragma once

#include <string>

#include "core/admission/limits.hpp"

namespace holdfast::guard {

/// {"active_users_max": 15, "waiting_max": 500, "waiting_max_of": {"engine": 100},
/// "work": {"stop_below_percent": 20, "resume_above_percent": 50},
/// "uploads": {"refuse_below_percent": 10, "accept_above_percent": 15}}; percentages are whole, of the memory.
[[nodiscard]] std::string to_json_text(const admission::Limits& limits);

/// Takes what `json` names over `base`; an object `waiting_max_of` replaces the whole one. Errors: invalid HF-REQ-01
/// (no such key, not a value that it can have).
Result<admission::Limits> limits_from_json(const std::string& json, admission::Limits base);

}  // namespace holdfast::guard
