#pragma once

#include "flow/stages/generate/shape.hpp"

namespace holdfast::stages {

/// A creative brief of a fragrance, made of a request in words: `style`, `intensity`, `complexity`,
/// `notes_preference`, `product_category`. The schema says on which scale a model gives its numbers (`maximum` 1, 10 or
/// 100); the result has them within 0..1. A number outside of its scale is an error, never bent. What the request says
/// outright (a category, a number, a note that is not wanted) is taken from the request, with a warning where the model
/// said something else.
class BriefShape final : public Shape {
 public:
  [[nodiscard]] std::string_view name() const override { return "brief"; }
  [[nodiscard]] Result<void> check(const boost::json::object& schema) const override;
  [[nodiscard]] Result<void> check_result(const boost::json::value& result) const override;
  [[nodiscard]] bool has_rules() const override { return true; }
  [[nodiscard]] Result<Shaped> by_rules(const Material& material) const override;
  [[nodiscard]] boost::json::value empty(const boost::json::object& schema) const override;
  [[nodiscard]] Result<Shaped> conclude(const boost::json::object& answer, const boost::json::object& schema,
                                        const Material& material) const override;
};

}  // namespace holdfast::stages
