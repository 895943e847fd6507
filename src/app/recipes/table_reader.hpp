#pragma once

#include <toml++/toml.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/time.hpp"

namespace holdfast::recipes {

/// Reads one table of a TOML file. What is asked for is what is known: `finish` refuses every other key. The
/// first mistake is kept and every later question answers with its default, so that the caller asks for all
/// and then looks once.
class TableReader {
 public:
  TableReader(const toml::table& table, std::string file) : table_{table}, file_{std::move(file)} {}

  [[nodiscard]] bool has(std::string_view key) const { return table_.contains(key); }
  /// A required string of 1 to 200 characters.
  std::string text(std::string_view key);
  /// A required word of small letters, digits and underlines: it becomes part of addresses and columns.
  std::string word(std::string_view key);
  std::vector<std::string> words(std::string_view key);
  milliseconds duration(std::string_view key, milliseconds otherwise);
  /// "24 h" or "keep"; nothing: the key is not there.
  std::optional<std::optional<milliseconds>> age(std::string_view key);
  unsigned count(std::string_view key, unsigned otherwise, unsigned most);
  double factor(std::string_view key, double otherwise);
  const toml::table* table(std::string_view key);
  /// A required list of tables.
  std::vector<const toml::table*> tables(std::string_view key);
  /// The same where it may be missing: then it is empty.
  std::vector<const toml::table*> tables_if_there(std::string_view key);
  /// Like `text`, `word` and `words`, where the key may be missing: then it is empty.
  std::string text_if_there(std::string_view key);
  std::string word_if_there(std::string_view key);
  std::vector<std::string> words_if_there(std::string_view key);
  bool flag(std::string_view key);

  /// Notes a mistake at a key that the caller found.
  void refuse(std::string_view key, std::string_view what);
  /// Errors: invalid HF-CFG-02 (the first mistake, or a key that nobody asked for).
  [[nodiscard]] Result<void> finish();

 private:
  const toml::node* find(std::string_view key);
  const toml::node* require(std::string_view key);
  void mistake(const toml::node* at, const std::string& what);

  const toml::table& table_;
  std::string file_;
  std::vector<std::string> known_;
  std::optional<Error> mistake_;
};

}  // namespace holdfast::recipes
