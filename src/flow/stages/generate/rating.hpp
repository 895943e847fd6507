#pragma once

#include "flow/stages/generate/shape.hpp"

namespace holdfast::stages {

/// A rating: for each criterion of the schema a score of 0 to 10 and a reason. The overall score is their
/// mean, worked out here and not by the model: `{"score":7.3,"criteria":[{"name","score","reason"}]}`.
class Rating final : public Shape {
 public:
  [[nodiscard]] std::string_view name() const override { return "rating"; }
  [[nodiscard]] Result<void> check(const boost::json::object& schema) const override;
  [[nodiscard]] boost::json::value empty(const boost::json::object& schema) const override;
  [[nodiscard]] Result<Shaped> conclude(const boost::json::object& answer, const boost::json::object& schema,
                                        const Material& material) const override;
};

}  // namespace holdfast::stages
