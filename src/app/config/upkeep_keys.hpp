#pragma once

#include <span>

#include "app/config/keys.hpp"

namespace holdfast::config {

/// The second half of the table of keys: how work is kept going, what is kept, and what is told of it.
[[nodiscard]] std::span<const Key> upkeep_keys();

}  // namespace holdfast::config
