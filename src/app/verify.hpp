#pragma once

#include <string>
#include <vector>

#include "app/config/settings.hpp"
#include "core/base/result.hpp"
#include "guard/verify.hpp"

namespace holdfast {

/// Checks every invariant on the data folder settings.storage.data; changes nothing; a running server does
/// not mind. Errors: not_found (there is no data folder), corrupt, transient.
Result<std::vector<Violation>> run_verify(const Settings& settings);

}  // namespace holdfast
