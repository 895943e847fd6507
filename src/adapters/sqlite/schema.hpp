#pragma once

#include <span>

#include "adapters/sqlite/database.hpp"

namespace holdfast::sqlite {

/// The steps from an empty file to today's tables: step n leads from version n to n + 1 (PRAGMA
/// user_version). A step that was released is never changed; a new one is put behind it.
[[nodiscard]] std::span<const char* const> migrations();

/// Brings the tables up to the last step, each step in a transaction of its own.
/// Errors: invalid HF-CFG-01 (made by a newer program, or no store of ours), those of the database.
Result<void> migrate(Database& database, std::span<const char* const> steps);

/// Errors: invalid HF-CFG-01 when the tables are not those of the last step; those of the database. Changes
/// nothing.
Result<void> require_newest(Database& database, std::span<const char* const> steps);

}  // namespace holdfast::sqlite
