#pragma once

#include <map>
#include <string>
#include <vector>

#include "app/config/keys.hpp"
#include "app/config/toml_file.hpp"
#include "core/base/result.hpp"

/// What tables with names of their own have in common: [services.NAME], [endpoints.NAME].
namespace holdfast::config {

/// What the files say of the tables of a family: the strongest entry for each name and field.
using NamedEntries = std::map<std::string, std::map<std::string, TomlEntry>>;

/// a-z, 0-9, dot, dash, underscore; at most 40 of them.
[[nodiscard]] bool is_table_name(std::string_view name);

/// How a value of that kind stands in a file.
[[nodiscard]] Written written_as(Kind kind);

/// Sets the value that the key describes. Errors: a sentence without its place.
Result<void> take_value(const Key& key, const TomlEntry& entry, Slot slot);

/// For a field that there is not, or a table without any. Errors: always; a sentence without its place.
std::unexpected<Error> unknown_field(const TomlEntry& entry, const std::vector<std::string>& fields);

/// A text as it would stand in a file.
[[nodiscard]] std::string quoted(const std::string& text);

/// The value as it would stand in a file.
[[nodiscard]] std::string as_toml(const TomlEntry& entry);

}  // namespace holdfast::config
