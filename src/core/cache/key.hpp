#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "core/cache/entry.hpp"

namespace holdfast::cache {

/// A cryptographic hash of bytes as hexadecimal digits: whoever could find two texts with the same one could give one
/// sender the answer of another. The core has none of its own; app passes it (adapters/sodium/digest.hpp).
using Digest = std::function<std::string(std::string_view)>;

/// Everything that an answer depends on. Whatever differs makes another key; nothing that does not matter (who asks,
/// when) belongs here.
struct KeyParts {
  std::string recipe{};
  std::string stage{};
  std::string prompt_version{};  ///< of prompt_version(): another prompt or schema is another question
  std::string model{};
  std::string quantization{};  ///< empty: its endpoint does not say
  std::string parameters{};    ///< temperature, tokens ...: JSON whose members are always in the same order
  std::string input{};         ///< what the answer is about, or its hash
};

[[nodiscard]] CacheKey key_of(const KeyParts& parts, const Digest& digest);

/// The version of a prompt is what it says: its text and the schema that the answer must meet.
[[nodiscard]] std::string prompt_version(std::string_view prompt, std::string_view schema, const Digest& digest);

}  // namespace holdfast::cache
