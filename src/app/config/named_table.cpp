#include "app/config/named_table.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "app/config/suggest.hpp"
#include "app/config/value.hpp"

namespace holdfast::config {
namespace {

constexpr std::size_t kNameMax = 40;

}  // namespace

Written written_as(Kind kind) {
  if (kind == Kind::words) return Written::words;
  if (kind == Kind::count) return Written::integer;
  return kind == Kind::flag ? Written::flag : Written::text;
}

bool is_table_name(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  };
  return !name.empty() && name.size() <= kNameMax && std::ranges::all_of(name, allowed);
}

Result<void> take_value(const Key& key, const TomlEntry& entry, Slot slot) {
  if (entry.written != written_as(key.kind))
    return fail(ErrorClass::invalid, "HF-CFG-01", entry.key + " must be " + std::string{describe(key.kind)});
  if (key.kind == Kind::words) {
    *std::get<std::vector<std::string>*>(slot) = entry.words;
    return {};
  }
  const auto assigned = assign_to(key, entry.value, slot);
  const std::string at = entry.family + "." + entry.name + ".";
  if (!assigned) return fail(ErrorClass::invalid, "HF-CFG-01", at + assigned.error().what());
  return {};
}

std::unexpected<Error> unknown_field(const TomlEntry& entry, const std::vector<std::string>& fields) {
  if (entry.field.empty()) return fail(ErrorClass::invalid, "HF-CFG-01", entry.key + ": the table says nothing");
  return fail(ErrorClass::invalid, "HF-CFG-01",
              "unknown key " + entry.key + did_you_mean(entry.field, fields));
}

// A text of JSON is one of TOML, and so is a list of them.
std::string quoted(const std::string& text) { return boost::json::serialize(boost::json::value(text)); }

std::string as_toml(const TomlEntry& entry) {
  if (entry.written == Written::text) return quoted(entry.value);
  if (entry.written == Written::words) return boost::json::serialize(boost::json::value_from(entry.words));
  return entry.value;
}

}  // namespace holdfast::config
