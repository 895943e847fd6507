#pragma once

#include "flow/stages/generate/shape.hpp"

namespace holdfast::stages {

/// Creative hints for whoever makes a fragrance of a brief: a list of sentences. What recommends a note that the brief
/// does not want is left out. Templates: for each style a list of hints, for when no model writes them.
class HintsShape final : public Shape {
 public:
  [[nodiscard]] std::string_view name() const override { return "hints"; }
  [[nodiscard]] std::span<const std::string_view> needs() const override;
  [[nodiscard]] Result<void> check(const boost::json::object& schema) const override;
  [[nodiscard]] Result<void> check_templates(const boost::json::value& templates) const override;
  [[nodiscard]] Result<void> check_result(const boost::json::value& result) const override;
  [[nodiscard]] bool has_rules() const override { return true; }
  [[nodiscard]] Result<Shaped> by_rules(const Material& material) const override;
  [[nodiscard]] boost::json::value empty(const boost::json::object& schema) const override;
  [[nodiscard]] Result<Shaped> conclude(const boost::json::object& answer, const boost::json::object& schema,
                                        const Material& material) const override;
};

/// The templates for a style; those of fragrance::kStyleOtherwise if it is not known.
std::vector<std::string> hints_for(std::string_view style, const boost::json::object& templates);

}  // namespace holdfast::stages
