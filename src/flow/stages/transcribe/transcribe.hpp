#pragma once

#include "flow/stages/stage_kind.hpp"

namespace holdfast::stages {

/// Sound becomes text. Segments and gaps arrive while it works and are the checkpoint: a later attempt goes on
/// after the last one. Publishes "transcript" with the gaps of all attempts, and without its text and segments,
/// which are stored by themselves and joined where it is shown. A stage with gaps to fill asks for these alone, is told
/// nothing while it works, and replaces the transcript with its end (fill_gaps.hpp).
class Transcribe final : public StageKind {
 public:
  [[nodiscard]] std::string_view name() const override { return "transcribe"; }
  [[nodiscard]] std::string_view bulkhead() const override { return "engine"; }
  [[nodiscard]] WorkerKind worker() const override { return WorkerKind::speech; }
  /// Errors: permanent HF-STO-03 (no earlier stage left a sound).
  [[nodiscard]] Result<Plan> prepare(const StageInput& input) const override;
  /// Errors: transient HF-SRV-01 (the answer is no JSON object).
  [[nodiscard]] Result<decide::StageOutcome> conclude(const StageInput& input,
                                                      const Finished& answer) const override;
};

}  // namespace holdfast::stages
