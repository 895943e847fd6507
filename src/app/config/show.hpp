#pragma once

#include <string>

#include "app/config/load.hpp"

namespace holdfast::config {

/// Every effective value as TOML; with `origin`, where it came from behind it. Secrets stay out.
[[nodiscard]] std::string show_text(const Loaded& loaded, bool origin);

/// The same as one JSON object:
/// {"settings":{"server.listen":{"value":...,"origin":...}},"files":[...],"warnings":[...]}.
[[nodiscard]] std::string show_json(const Loaded& loaded);

/// JSON Schema of the configuration file, for editors.
[[nodiscard]] std::string schema_json();

}  // namespace holdfast::config
