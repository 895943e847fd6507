#include "app/config/toml_file.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>

#include "app/config/keys.hpp"

namespace holdfast::config {

namespace {

std::string place(const std::string& path, const toml::source_position& at) {
  return path + ":" + std::to_string(at.line) + ":" + std::to_string(at.column);
}

/// A list of texts and nothing else; nothing: it is none.
std::optional<std::vector<std::string>> words_of(const toml::array& list) {
  std::vector<std::string> words;
  for (const auto& node : list) {
    if (!node.is_string()) return std::nullopt;
    words.push_back(node.as_string()->get());
  }
  return words;
}

/// The position of a value is that of its key's line; columns count the key, so that an editor jumps to what
/// is wrong.
TomlEntry entry_of(const std::string& path, std::string key, const toml::key& name, const toml::node& node) {
  TomlEntry entry{.key = std::move(key), .where = place(path, name.source().begin)};
  if (const auto* text = node.as_string()) {
    entry.written = Written::text;
    entry.value = text->get();
  } else if (const auto* number = node.as_integer()) {
    entry.written = Written::integer;
    entry.value = std::to_string(number->get());
  } else if (const auto* flag = node.as_boolean()) {
    entry.written = Written::flag;
    entry.value = flag->get() ? "true" : "false";
  } else if (const auto* list = node.as_array()) {
    const auto words = words_of(*list);
    if (words) entry.written = Written::words;
    entry.words = words.value_or(std::vector<std::string>{});
  }
  return entry;
}

/// Whether keys stand below that name: then a table there is no mistake.
bool has_keys(const std::string& name) {
  return std::ranges::any_of(keys(), [&](const Key& key) { return key.name.starts_with(name + "."); });
}

/// The tables [FAMILY.NAME]. A table without values comes as an entry without a field, so that it is seen.
void collect_family(const std::string& path, const std::string& family, const toml::table& tables,
                    std::vector<TomlEntry>& entries) {
  for (const auto& [name, node] : tables) {
    const std::string at = family + "." + std::string{name.str()};
    const auto* const table = node.as_table();
    if (table == nullptr || table->empty()) entries.push_back(entry_of(path, at, name, node));
    if (table == nullptr) continue;
    const std::size_t first = table->empty() ? entries.size() - 1 : entries.size();
    for (const auto& [field, value] : *table) {
      entries.push_back(entry_of(path, at + "." + std::string{field.str()}, field, value));
      entries.back().field = std::string{field.str()};
    }
    for (std::size_t entry = first; entry < entries.size(); ++entry) {
      entries[entry].family = family;
      entries[entry].name = std::string{name.str()};
    }
  }
}

void collect_table(const std::string& path, const std::string& prefix, const toml::key& at, const toml::table& table,
                   std::vector<TomlEntry>& entries) {
  if (table.empty()) entries.push_back(entry_of(path, prefix, at, table));
  for (const auto& [name, node] : table) {
    const std::string key = prefix + "." + std::string{name.str()};
    const auto* const inner = node.as_table();
    if (inner != nullptr && has_keys(key)) {
      collect_table(path, key, name, *inner, entries);
    } else {
      entries.push_back(entry_of(path, key, name, node));
    }
  }
}

std::vector<TomlEntry> collect(const std::string& path, const toml::table& root) {
  std::vector<TomlEntry> entries;
  for (const auto& [name, node] : root) {
    const auto* const table = node.as_table();
    if (table != nullptr && std::ranges::find(kFamilies, name.str()) != kFamilies.end()) {
      collect_family(path, std::string{name.str()}, *table, entries);
    } else if (table != nullptr) {
      collect_table(path, std::string{name.str()}, name, *table, entries);
    } else {
      entries.push_back(entry_of(path, std::string{name.str()}, name, node));
    }
  }
  return entries;
}

}  // namespace

Result<std::string> read_text(const std::string& path, std::size_t bytes_max) {
  errno = 0;
  std::ifstream file{path, std::ios::binary};
  std::string text(bytes_max + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  const bool failed = file.gcount() == 0 && !file.eof();
  if (failed)
    return fail(ErrorClass::not_found, "HF-CFG-02", path + " cannot be read: " + std::strerror(errno));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > bytes_max) return fail(ErrorClass::invalid, "HF-CFG-01", path + " is too long");
  return text;
}

Result<std::vector<TomlEntry>> read_toml(const std::string& path) {
  HF_TRY(const std::string text, read_text(path, kFileMax));
  try {
    return collect(path, toml::parse(text, path));
  } catch (const toml::parse_error& problem) {
    const std::string what{problem.description()};
    return fail(ErrorClass::invalid, "HF-CFG-01", place(path, problem.source().begin) + ": " + what);
  }
}

}  // namespace holdfast::config
