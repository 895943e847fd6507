#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "flow/stages/stage_kind.hpp"

namespace holdfast::stages {

/// Texts become vectors. Published whole: `model`, `dimension`, `cut` (of how many only the beginning was read) and
/// `vectors`: one after the other, 32-bit floats with the least byte first, as base64.
class Embed final : public StageKind {
 public:
  [[nodiscard]] std::string_view name() const override { return "embed"; }
  [[nodiscard]] std::string_view bulkhead() const override { return "embedding"; }  // never behind a long recording
  [[nodiscard]] WorkerKind worker() const override { return WorkerKind::embedding; }
  [[nodiscard]] bool tells_progress() const override { return false; }  // an endpoint of others says nothing
  /// Errors: permanent HF-EMB-04 (no text, too many, one that is empty or too long).
  [[nodiscard]] Result<Plan> prepare(const StageInput& input) const override;
  /// Errors: transient HF-EMB-03, permanent HF-EMB-04.
  [[nodiscard]] Result<decide::StageOutcome> conclude(const StageInput& input,
                                                      const Finished& answer) const override;
};

/// The text of an item that asks for vectors of these texts.
std::string to_embed_text(std::string_view model, const std::vector<std::string>& texts);

}  // namespace holdfast::stages
