#pragma once

#include <map>
#include <span>

#include "app/config/named_table.hpp"

/// Tables [services.NAME]: any other service to look at, and the circuit breakers of our own.
namespace holdfast::config {

/// A value of such a table. `key.name` is the value's own name, `key.slot` is not used.
struct ServiceKey {
  Key key;
  Slot (*slot)(Settings::Service&) = nullptr;
  /// Which services may have it: those that are looked at only, those of our own that work goes to, or all.
  enum class Whose : std::uint8_t { others, ours, all } whose = Whose::all;
};

/// In the order of the docs page.
[[nodiscard]] std::span<const ServiceKey> service_keys();

/// A service that many use: how to look at it, at the address that it has when nobody changed it.
struct Preset {
  std::string_view name;
  std::string_view kind;
  std::string_view where;  ///< address or url
};
[[nodiscard]] std::span<const Preset> presets();

/// A service of ours that work goes to through a circuit breaker: ffmpeg, speech, language, language/ROLE,
/// endpoint/NAME, embedding.
[[nodiscard]] bool is_ours(std::string_view name);

/// Makes a service of its entries. Everything that is wrong is added to `problems`, one line each with its place.
Settings::Service read_service(const std::string& name, const std::map<std::string, TomlEntry>& entries,
                               std::vector<std::string>& problems);

}  // namespace holdfast::config
