#pragma once

#include "flow/stages/generate/shape.hpp"

namespace holdfast::stages {

/// A form: fields of text, numbers or lists of texts. Each becomes `{"value":..., "segments":[numbers]}`;
/// what was not said becomes null, with a warning.
class Form final : public Shape {
 public:
  [[nodiscard]] std::string_view name() const override { return "form"; }
  [[nodiscard]] Result<void> check(const boost::json::object& schema) const override;
  [[nodiscard]] boost::json::value empty(const boost::json::object& schema) const override;
  [[nodiscard]] Result<Shaped> conclude(const boost::json::object& answer, const boost::json::object& schema,
                                        const Material& material) const override;
};

}  // namespace holdfast::stages
