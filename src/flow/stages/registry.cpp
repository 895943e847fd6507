#include <algorithm>

#include "flow/stages/complete/complete.hpp"
#include "flow/stages/convert/convert.hpp"
#include "flow/stages/embed/embed.hpp"
#include "flow/stages/generate/generate.hpp"
#include "flow/stages/transcribe/transcribe.hpp"

namespace holdfast::stages {

std::span<const StageKind* const> registry() {
  static const Convert convert;
  static const Transcribe transcribe;
  static const Generate generate;
  static const Complete complete;
  static const Embed embed;
  static constexpr const StageKind* kKinds[] = {&convert, &transcribe, &generate, &complete, &embed};
  return kKinds;
}

const StageKind* find_kind(std::string_view name) {
  const auto kinds = registry();
  const auto found = std::ranges::find(kinds, name, &StageKind::name);
  return found == kinds.end() ? nullptr : *found;
}

}  // namespace holdfast::stages
