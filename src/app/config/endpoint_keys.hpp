#pragma once

#include <span>

#include "app/config/named_table.hpp"

/// Tables [endpoints.NAME]: who answers language work instead of the worker of our own.
namespace holdfast::config {

/// A value of such a table. `key.name` is the value's own name, `key.slot` is not used.
struct EndpointKey {
  Key key;
  Slot (*slot)(Settings::Endpoint&) = nullptr;
};

/// In the order of the docs page.
[[nodiscard]] std::span<const EndpointKey> endpoint_keys();

/// Makes an endpoint of its entries. Everything that is wrong is added to `problems`, one line each with its place.
Settings::Endpoint read_endpoint(const std::string& name, const std::map<std::string, TomlEntry>& entries,
                                 std::vector<std::string>& problems);

/// May a role be called so?
[[nodiscard]] bool is_role(std::string_view name);

}  // namespace holdfast::config
