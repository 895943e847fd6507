#pragma once

#include <map>
#include <string>
#include <string_view>

namespace holdfast {

/// Environment variables by name.
using Environment = std::map<std::string, std::string, std::less<>>;

/// Those of this process, with HOME from the user database where it is not set (services often have none).
[[nodiscard]] Environment system_environment();

/// The value; empty where it is not set.
[[nodiscard]] std::string lookup(const Environment& environment, std::string_view name);

}  // namespace holdfast
