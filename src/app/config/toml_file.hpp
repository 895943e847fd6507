#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"

namespace holdfast::config {

/// How a value stands in a TOML file.
enum class Written : std::uint8_t { text, integer, flag, words, other };

/// One value of a TOML file.
struct TomlEntry {
  std::string key;  ///< "section.name"
  Written written = Written::other;
  std::string value;  ///< as text; empty for `other`
  std::string where;  ///< "FILE:LINE:COLUMN"
  std::vector<std::string> words{};  ///< of a list of texts
  std::string family{};              ///< in a table [services.NAME] or [endpoints.NAME]: which of both
  std::string name{};                ///< NAME
  std::string field{};               ///< and the value's own name there; empty: the table says nothing
};

/// Every value in the file, in the order of the keys. A table where a value belongs, or outside the two
/// levels, comes as `other`; only the sections of `kFamilies` have a table for each of their names. A file of more than
/// kFileMax bytes is refused. Errors: invalid HF-CFG-01 (not TOML: FILE:LINE:COLUMN and what is wrong), not_found
/// HF-CFG-02 (cannot be read).
Result<std::vector<TomlEntry>> read_toml(const std::string& path);

/// Sections of tables with names of their own.
inline constexpr std::array<std::string_view, 2> kFamilies{"services", "endpoints"};
inline constexpr std::size_t kFileMax = 1U << 20U;

/// The whole file, at most `bytes_max`. Errors: not_found HF-CFG-02, invalid HF-CFG-01 (too long).
Result<std::string> read_text(const std::string& path, std::size_t bytes_max);

}  // namespace holdfast::config
