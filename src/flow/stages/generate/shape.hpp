#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/memory/extraction.hpp"
#include "flow/stages/spoken.hpp"

namespace holdfast::stages {

struct Shaped {
  boost::json::value result;
  std::vector<std::string> warnings;
  std::vector<Extraction> extractions{};  ///< of a shape that extracts: what was said of what the model gave
  std::size_t left_out = 0;               ///< what was not said
};

/// What becomes of a model's answer: the result that people see, checked against what was said. Pure.
class Shape {
 public:
  virtual ~Shape() = default;
  [[nodiscard]] virtual std::string_view name() const = 0;
  /// What it takes out of a transcript: then it reads piece by piece, and its result is the list of all that was taken
  /// out. Nothing: it reads the whole at once, as far as that fits.
  [[nodiscard]] virtual std::optional<ExtractionKind> extracts() const { return std::nullopt; }
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
