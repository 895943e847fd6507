#pragma once

#include "flow/stages/stage_kind.hpp"

namespace holdfast::stages {

/// A language model writes JSON by the recipe's schema from what the stage reads; a shape makes the result of it.
/// When nothing was said no model is asked: it would make something up. Shapes that extract read piece by piece: until
/// all is read each answer leads to an outcome that goes on, and what was found so far is kept with its checkpoint.
class Generate final : public StageKind {
 public:
  [[nodiscard]] std::string_view name() const override { return "generate"; }
  [[nodiscard]] std::string_view bulkhead() const override { return "engine"; }
  [[nodiscard]] WorkerKind worker() const override { return WorkerKind::language; }
  [[nodiscard]] bool tells_progress() const override { return false; }  // an endpoint of others says nothing
  /// Errors: permanent HF-CFG-02 (the recipe's prompt, schema or shape cannot be used).
  [[nodiscard]] Result<Plan> prepare(const StageInput& input) const override;
  /// Errors: transient HF-LLM-03, transient HF-SRV-01 (not what docs/worker-protocol.md says), permanent
  /// HF-LLM-04 (not even the first line fits into the model's context), permanent HF-CFG-02.
  [[nodiscard]] Result<decide::StageOutcome> conclude(const StageInput& input,
                                                      const Finished& answer) const override;
  /// The stage's outcome without a model, by the rules and templates of its shape; its warnings say so.
  /// Errors: permanent HF-CFG-02 (its shape has none), permanent HF-LLM-08.
  [[nodiscard]] Result<decide::StageOutcome> by_rules(const StageInput& input) const;
};

}  // namespace holdfast::stages
