#pragma once

#include "flow/fallback/strategy.hpp"

namespace holdfast::fallback {

/// The owner's answer to another request that means nearly the same: never silent, and never where something sets the
/// two apart.
class Similar final : public Strategy {
 public:
  [[nodiscard]] std::string_view name() const override { return "similar"; }
  [[nodiscard]] bool takes_time() const override { return true; }
  [[nodiscard]] Result<void> check(const StageConfig& stage, const FallbackStep& step) const override;
  [[nodiscard]] Task<Result<std::optional<Found>>> find(Situation situation) const override;
};

/// The stage's own way once more, with less: fewer tokens, another temperature, another time.
class Less final : public Strategy {
 public:
  [[nodiscard]] std::string_view name() const override { return "less"; }
  [[nodiscard]] bool asks_again() const override { return true; }
  [[nodiscard]] bool takes_time() const override { return true; }
  [[nodiscard]] Result<void> check(const StageConfig& stage, const FallbackStep& step) const override;
  [[nodiscard]] Task<Result<std::optional<Found>>> find(Situation situation) const override;
};

/// By the rules of the stage's shape, without any model.
class Rules final : public Strategy {
 public:
  [[nodiscard]] std::string_view name() const override { return "rules"; }
  [[nodiscard]] Result<void> check(const StageConfig& stage, const FallbackStep& step) const override;
  [[nodiscard]] Task<Result<std::optional<Found>>> find(Situation situation) const override;
};

/// By the rules of the stage's shape, from the templates that the recipe has for it.
class Template final : public Strategy {
 public:
  [[nodiscard]] std::string_view name() const override { return "template"; }
  [[nodiscard]] Result<void> check(const StageConfig& stage, const FallbackStep& step) const override;
  [[nodiscard]] Task<Result<std::optional<Found>>> find(Situation situation) const override;
};

/// The recipe's popular result for the mode that was asked for: it has nothing to do with what was asked.
class Popular final : public Strategy {
 public:
  [[nodiscard]] std::string_view name() const override { return "popular"; }
  [[nodiscard]] Result<void> check(const StageConfig& stage, const FallbackStep& step) const override;
  [[nodiscard]] Task<Result<std::optional<Found>>> find(Situation situation) const override;
};

}  // namespace holdfast::fallback
