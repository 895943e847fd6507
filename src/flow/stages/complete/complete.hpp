#pragma once

#include "flow/stages/stage_kind.hpp"

namespace holdfast::stages {

/// A language model goes on with a conversation (chat_task.hpp). Its answer is free text, or JSON that is held against
/// what was asked for. Published whole: `text`, `finish` (stop, length), `model`, `tokens_in`, `tokens_out`.
class Complete final : public StageKind {
 public:
  [[nodiscard]] std::string_view name() const override { return "complete"; }
  [[nodiscard]] std::string_view bulkhead() const override { return "engine"; }
  [[nodiscard]] WorkerKind worker() const override { return WorkerKind::language; }
  [[nodiscard]] bool tells_progress() const override { return false; }  // an endpoint of others says nothing
  [[nodiscard]] std::string role(const Job& job, const StageConfig& config) const override;
  /// Errors: permanent HF-OAI-01 (the item's text is a task beyond its limits).
  [[nodiscard]] Result<Plan> prepare(const StageInput& input) const override;
  /// Errors: transient HF-LLM-03, transient HF-SRV-01 (not what docs/worker-protocol.md says), permanent HF-OAI-01.
  [[nodiscard]] Result<decide::StageOutcome> conclude(const StageInput& input,
                                                      const Finished& answer) const override;
};

}  // namespace holdfast::stages
