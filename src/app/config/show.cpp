#include "app/config/show.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "app/config/endpoint_keys.hpp"
#include "app/config/service_keys.hpp"

namespace holdfast::config {

namespace {

namespace json = boost::json;

constexpr std::size_t kOriginColumn = 56;

/// An address as far as it is no secret: many webhooks have theirs in the path.
std::string host_of(const std::string& address) {
  const auto host = address.find("://");
  const auto path = address.find_first_of("/?", host == std::string::npos ? 0 : host + 3);
  return path == std::string::npos ? address : address.substr(0, path) + "/...";
}

/// What people may see of a value.
std::string visible(const Effective& value) {
  if (value.key->secret && !value.value.empty()) return value.key->kind == Kind::url ? host_of(value.value) : "set";
  if (value.key->secret_file && !value.value.empty()) return "set (from file " + value.value + ")";
  return value.value;
}

std::string as_toml(const Effective& value) {
  if (value.key->kind == Kind::count || value.key->kind == Kind::flag) return value.value;
  return json::serialize(json::value(visible(value)));
}

json::object property_of(const Key& key) {
  json::object property{{"description", key.sentence}};
  property["type"] = "string";
  property["default"] = key.fallback;
  if (key.kind == Kind::count) {
    property["type"] = "integer";
    property["default"] = std::stoll(std::string{key.fallback});
  }
  if (key.kind == Kind::words) {
    property["type"] = "array";
    property["items"] = json::object{{"type", "string"}};
    property.erase("default");
  }
  if (key.kind == Kind::flag) {
    property["type"] = "boolean";
    property["default"] = key.fallback == "true";
  }
  if (key.choices.empty()) return property;
  json::array words;
  std::string_view rest = key.choices;
  while (!rest.empty()) {
    const auto bar = rest.find('|');
    words.emplace_back(rest.substr(0, bar));
    rest.remove_prefix(bar == std::string_view::npos ? rest.size() : bar + 1);
  }
  property["enum"] = std::move(words);
  return property;
}

std::string with_origin(std::string line, const std::string& origin) {
  return line + std::string(line.size() < kOriginColumn ? kOriginColumn - line.size() : 1, ' ') + "# " + origin;
}

std::string table_of(const NamedValue& value) {
  const bool bare = std::ranges::all_of(value.name, [](char c) { return c != '.' && c != '/'; });
  return value.table + (value.name.empty() ? "" : "." + (bare ? value.name : quoted(value.name)));
}

std::string named_text(const Loaded& loaded, bool origin) {
  std::string text;
  std::string table;
  for (const auto& value : loaded.named) {
    if (table_of(value) != table) text += "\n[" + table_of(value) + "]\n";
    table = table_of(value);
    const std::string line = value.field + " = " + value.value;
    text += (origin ? with_origin(line, value.origin) : line) + "\n";
  }
  return text;
}

/// A section of tables with names of their own, all with these keys.
template <typename Known>
json::object family_schema(std::span<const Known> keys) {
  json::object properties;
  for (const Known& known : keys) properties[known.key.name] = property_of(known.key);
  return {{"type", "object"},
          {"additionalProperties",
           {{"type", "object"}, {"additionalProperties", false}, {"properties", std::move(properties)}}}};
}

}  // namespace

std::string show_text(const Loaded& loaded, bool origin) {
  std::string text;
  std::string_view section;
  for (const auto& value : loaded.values) {
    if (section_of(value.key->name) != section) {
      section = section_of(value.key->name);
      text += (text.empty() ? "[" : "\n[") + std::string{section} + "]\n";
    }
    std::string line = std::string{value.key->name.substr(section.size() + 1)} + " = " + as_toml(value);
    if (origin) line = with_origin(std::move(line), value.origin);
    text += line + "\n";
  }
  return text + named_text(loaded, origin);
}

std::string show_json(const Loaded& loaded) {
  json::object settings;
  for (const auto& value : loaded.values) {
    settings[value.key->name] = json::object{{"value", visible(value)}, {"origin", value.origin}};
  }
  for (const auto& value : loaded.named) {
    settings[value.table + "." + (value.name.empty() ? "" : value.name + ".") + value.field] =
        json::object{{"value", value.value}, {"origin", value.origin}};
  }
  const json::object all{{"settings", std::move(settings)},
                         {"files", json::value_from(loaded.files)},
                         {"warnings", json::value_from(loaded.warnings)}};
  return json::serialize(all);
}

namespace {

/// The properties of the table that the key is in, made where they are missing.
json::object& properties_for(json::object& properties, std::string_view key) {
  const auto dot = key.find('.');
  if (dot == std::string_view::npos) return properties;
  auto& table = properties[key.substr(0, dot)];
  if (!table.is_object())
    table = json::object{{"type", "object"}, {"additionalProperties", false}, {"properties", json::object{}}};
  return properties_for(table.as_object()["properties"].as_object(), key.substr(dot + 1));
}

}  // namespace

std::string schema_json() {
  json::object sections;
  for (const Key& key : keys())
    properties_for(sections, key.name)[key.name.substr(key.name.rfind('.') + 1)] = property_of(key);
  sections["services"] = family_schema(service_keys());
  sections["endpoints"] = family_schema(endpoint_keys());
  sections["roles"] = json::object{{"type", "object"}, {"additionalProperties", {{"type", "string"}}}};
  const json::object all{{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                         {"title", "Holdfast configuration"},
                         {"type", "object"},
                         {"additionalProperties", false},
                         {"properties", std::move(sections)}};
  return json::serialize(all);
}

}  // namespace holdfast::config
