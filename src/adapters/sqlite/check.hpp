#pragma once

#include <string>
#include <vector>

#include "adapters/sqlite/database.hpp"

namespace holdfast::sqlite {

/// Looks at every page and every row, and returns a sentence for each thing that is wrong, at most
/// kComplaintsMax. An error that SQLite itself reports on the way is one of them.
Result<std::vector<std::string>> complaints(Database& database);

inline constexpr std::size_t kComplaintsMax = 100;

}  // namespace holdfast::sqlite
