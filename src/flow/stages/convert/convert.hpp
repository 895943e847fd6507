#pragma once

#include "flow/stages/stage_kind.hpp"

namespace holdfast::stages {

/// Any audio or video becomes what the speech model hears: WAV, 16 kHz, mono. The output names the sound and
/// its length:
/// `{"audio":BLOB,"duration_ms":N}`.
class Convert final : public StageKind {
 public:
  [[nodiscard]] std::string_view name() const override { return "convert"; }
  [[nodiscard]] std::string_view bulkhead() const override { return "media"; }
  [[nodiscard]] WorkerKind worker() const override { return WorkerKind::media; }
  /// Errors: permanent HF-STO-03 (the item has no file).
  [[nodiscard]] Result<Plan> prepare(const StageInput& input) const override;
  /// Errors: transient HF-SRV-01 (no sound came back, or its length is not told).
  [[nodiscard]] Result<decide::StageOutcome> conclude(const StageInput& input,
                                                      const Finished& answer) const override;
};

}  // namespace holdfast::stages
