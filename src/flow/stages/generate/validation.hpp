#pragma once

#include "core/fragrance/brief.hpp"
#include "flow/stages/generate/shape.hpp"

namespace holdfast::stages {

/// The check of a brief: `valid`, `errors`, `warnings`, `ifra_compliance`. The rules of fragrance::errors_of hold
/// whatever a model says, and what breaks one is refused. A model adds warnings, its opinion of IFRA compliance and,
/// where the schema asks for them, errors; an opinion without any of these is "unknown". It reads the brief alone:
/// nothing that somebody wrote into a request reaches it.
class ValidationShape final : public Shape {
 public:
  [[nodiscard]] std::string_view name() const override { return "validation"; }
  [[nodiscard]] std::span<const std::string_view> needs() const override;
  [[nodiscard]] Result<void> check(const boost::json::object& schema) const override;
  [[nodiscard]] bool has_rules() const override { return true; }
  [[nodiscard]] Result<Shaped> by_rules(const Material& material) const override;
  [[nodiscard]] boost::json::value empty(const boost::json::object& schema) const override;
  [[nodiscard]] Result<Shaped> conclude(const boost::json::object& answer, const boost::json::object& schema,
                                        const Material& material) const override;
};

/// What a shape needs that is made of a brief.
inline constexpr std::string_view kNeedsBrief[] = {"brief"};

/// The brief among the results that a stage reads. Errors: permanent HF-LLM-08 (there is none, or it cannot be read).
Result<fragrance::Brief> brief_among(const Material& material);

}  // namespace holdfast::stages
