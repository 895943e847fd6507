#pragma once

#include <string>
#include <string_view>

#include "app/config/environment.hpp"
#include "app/config/keys.hpp"
#include "core/base/result.hpp"

namespace holdfast::config {

/// Checks `text` against kind and range of the key and stores it in the key's member.
/// Errors: invalid HF-CFG-01, a sentence that begins with the key's name.
Result<void> assign(const Key& key, std::string_view text, Settings& settings);
/// The same for a member that is not one of Settings' own. Not for Kind::words.
Result<void> assign_to(const Key& key, std::string_view text, Slot slot);

/// Replaces ${NAME} and ${NAME:-otherwise} (nested as well) by values of the environment; an empty value
/// counts as none.
[[nodiscard]] std::string expand(std::string_view text, const Environment& environment);

}  // namespace holdfast::config
