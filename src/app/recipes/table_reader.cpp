#include "app/recipes/table_reader.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/nearest.hpp"
#include "core/base/units.hpp"

namespace holdfast::recipes {
namespace {

constexpr std::size_t kTextMax = 200;
constexpr std::size_t kWordMax = 40;

bool is_word(std::string_view text) {
  const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  return !text.empty() && text.size() <= kWordMax && std::ranges::all_of(text, fits);
}

std::string quoted(std::string_view key) { return "\"" + std::string{key} + "\""; }

}  // namespace

void TableReader::mistake(const toml::node* at, const std::string& what) {
  if (mistake_) return;
  const auto line = (at != nullptr ? *at : static_cast<const toml::node&>(table_)).source().begin.line;
  mistake_.emplace(ErrorClass::invalid, "HF-CFG-02", file_ + ":" + std::to_string(line) + ": " + what);
}

const toml::node* TableReader::find(std::string_view key) {
  known_.emplace_back(key);
  return table_.get(key);
}

const toml::node* TableReader::require(std::string_view key) {
  const auto* node = find(key);
  if (node == nullptr) mistake(nullptr, "the key " + quoted(key) + " is missing");
  return node;
}

std::string TableReader::text(std::string_view key) {
  const auto* node = require(key);
  if (node == nullptr) return {};
  const auto value = node->value_exact<std::string>();
  if (value && !value->empty() && value->size() <= kTextMax) return *value;
  mistake(node, quoted(key) + " must be a text of 1 to " + std::to_string(kTextMax) + " characters");
  return {};
}

std::string TableReader::word(std::string_view key) {
  auto value = text(key);
  if (!value.empty() && !is_word(value))
    mistake(table_.get(key), quoted(key) + " must be of a-z, 0-9 and _ only");
  return value;
}

std::vector<std::string> TableReader::words(std::string_view key) {
  std::vector<std::string> out;
  const auto* node = require(key);
  if (node == nullptr) return out;
  const auto* list = node->as_array();
  if (list == nullptr || list->empty()) {
    mistake(node, quoted(key) + " must be a list of words");
    return out;
  }
  for (const auto& element : *list) {
    const auto value = element.value_exact<std::string>();
    if (!value || !is_word(*value)) mistake(&element, quoted(key) + " must be a list of words");
    if (value) out.push_back(*value);
  }
  return out;
}

milliseconds TableReader::duration(std::string_view key, milliseconds otherwise) {
  const auto* node = find(key);
  if (node == nullptr) return otherwise;
  const auto written = node->value_exact<std::string>();
  const auto value = units::parse_duration(written.value_or(""));
  if (value && value->count() > 0) return *value;
  mistake(node, quoted(key) + ": " + (value ? "it must be longer than nothing" : value.error().what()));
  return otherwise;
}

std::optional<std::optional<milliseconds>> TableReader::age(std::string_view key) {
  const auto* node = table_.get(key);
  const bool keeps = node != nullptr && node->value_exact<std::string>() == "keep";
  if (node == nullptr || keeps) known_.emplace_back(key);
  if (node == nullptr) return std::nullopt;
  return keeps ? std::optional<milliseconds>{} : std::optional{duration(key, milliseconds{0})};
}

unsigned TableReader::count(std::string_view key, unsigned otherwise, unsigned most) {
  const auto* node = find(key);
  if (node == nullptr) return otherwise;
  const auto value = node->value_exact<std::int64_t>();
  if (value && *value >= 1 && *value <= std::int64_t{most}) return static_cast<unsigned>(*value);
  mistake(node, quoted(key) + " must be a whole number from 1 to " + std::to_string(most));
  return otherwise;
}

double TableReader::factor(std::string_view key, double otherwise) {
  constexpr double kMost = 1000;
  const auto* node = find(key);
  if (node == nullptr) return otherwise;
  const auto value = node->value<double>();
  if (value && std::isfinite(*value) && *value >= 0 && *value <= kMost) return *value;
  mistake(node, quoted(key) + " must be a number from 0 to 1000");
  return otherwise;
}

const toml::table* TableReader::table(std::string_view key) {
  const auto* node = find(key);
  if (node != nullptr && !node->is_table()) mistake(node, quoted(key) + " must be a table");
  return node != nullptr ? node->as_table() : nullptr;
}

std::vector<const toml::table*> TableReader::tables(std::string_view key) {
  std::vector<const toml::table*> out;
  const auto* node = require(key);
  if (node == nullptr) return out;
  if (!node->is_array_of_tables()) {
    mistake(node, quoted(key) + " must be written as [[" + std::string{key} + "]]");
    return out;
  }
  for (const auto& element : *node->as_array()) out.push_back(element.as_table());
  return out;
}

std::vector<const toml::table*> TableReader::tables_if_there(std::string_view key) {
  if (table_.contains(key)) return tables(key);
  known_.emplace_back(key);
  return {};
}

std::string TableReader::text_if_there(std::string_view key) {
  if (table_.contains(key)) return text(key);
  known_.emplace_back(key);
  return {};
}

std::string TableReader::word_if_there(std::string_view key) {
  if (table_.contains(key)) return word(key);
  known_.emplace_back(key);
  return {};
}

std::vector<std::string> TableReader::words_if_there(std::string_view key) {
  if (table_.contains(key)) return words(key);
  known_.emplace_back(key);
  return {};
}

bool TableReader::flag(std::string_view key) {
  const auto* node = find(key);
  if (node == nullptr) return false;
  const auto value = node->value_exact<bool>();
  if (!value) mistake(node, quoted(key) + " must be true or false");
  return value.value_or(false);
}

void TableReader::refuse(std::string_view key, std::string_view what) {
  mistake(table_.get(key), quoted(key) + " " + std::string{what});
}

Result<void> TableReader::finish() {
  const std::vector<std::string_view> known(known_.begin(), known_.end());
  for (const auto& [key, node] : table_) {
    if (std::ranges::find(known, key.str()) != known.end()) continue;
    mistake(&node,
            "unknown key " + quoted(key.str()) + "; did you mean " + quoted(nearest(key.str(), known)) + "?");
  }
  if (mistake_) return std::unexpected(*mistake_);
  return {};
}

}  // namespace holdfast::recipes
