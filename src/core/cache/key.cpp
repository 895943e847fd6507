#include "core/cache/key.hpp"

namespace holdfast::cache {
namespace {

/// Each part with its length before it, so that no two lists of parts make the same text.
std::string joined(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (const std::string_view part : parts) {
    text += std::to_string(part.size());
    text += ':';
    text += part;
  }
  return text;
}

}  // namespace

CacheKey key_of(const KeyParts& parts, const Digest& digest) {
  return CacheKey{digest(joined({"answer", parts.recipe, parts.stage, parts.prompt_version, parts.model,
                                 parts.quantization, parts.parameters, parts.input}))};
}

std::string prompt_version(std::string_view prompt, std::string_view schema, const Digest& digest) {
  return digest(joined({"prompt", prompt, schema}));
}

}  // namespace holdfast::cache
