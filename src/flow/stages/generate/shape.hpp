#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "flow/stages/spoken.hpp"

namespace holdfast::stages {

struct Shaped {
  boost::json::value result;
  std::vector<std::string> warnings;
};

/// What becomes of a model's answer: the result that people see, checked against what was said. Pure.
class Shape {
 public:
  virtual ~Shape() = default;
  [[nodiscard]] virtual std::string_view name() const = 0;
  /// Can a schema give answers of this shape? Errors: permanent HF-CFG-02 (names the field).
  [[nodiscard]] virtual Result<void> check(const boost::json::object& schema) const = 0;
  /// The result when nothing was said.
  [[nodiscard]] virtual boost::json::value empty(const boost::json::object& schema) const = 0;
  /// `answer` is valid by `schema`; `read` are the lines that the model has read. Errors: transient
  /// HF-LLM-03.
  [[nodiscard]] virtual Result<Shaped> conclude(const boost::json::object& answer,
                                                const boost::json::object& schema,
                                                std::span<const SpokenLine> read) const = 0;
};

std::span<const Shape* const> shapes();
const Shape* find_shape(std::string_view name);

/// The fields of a schema of an object; none if it has no "properties".
const boost::json::object& properties_of(const boost::json::object& schema);

}  // namespace holdfast::stages
