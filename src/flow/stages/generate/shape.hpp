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

struct StageInput;

struct Shaped {
  boost::json::value result;
  std::vector<std::string> warnings;
  std::vector<Extraction> extractions{};  ///< of a shape that extracts: what was said of what the model gave
  std::size_t left_out = 0;               ///< what was not said
};

/// What an answer is held against: all that the stage reads.
struct Material {
  std::span<const SpokenLine> read{};  ///< the lines that the model has read
  std::string_view request{};          ///< the text that was sent, all of it
  boost::json::object earlier{};       ///< results of earlier stages, by name
  std::string_view templates{};        ///< what the recipe has ready for when no model writes; empty: nothing
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
  /// Results of earlier stages that it looks at: the recipe has to let it read them.
  [[nodiscard]] virtual std::span<const std::string_view> needs() const { return {}; }
  /// Can these be its templates? Errors: permanent HF-CFG-02 (it has none, or these cannot be used).
  [[nodiscard]] virtual Result<void> check_templates(const boost::json::value& templates) const;
  /// Whether a finished result that comes from elsewhere, such as a cache or a list, can be one of this shape.
  /// Errors: permanent HF-LLM-08.
  [[nodiscard]] virtual Result<void> check_result(const boost::json::value& result) const;
  /// Whether it can find its result without a model.
  [[nodiscard]] virtual bool has_rules() const { return false; }
  /// The result when no model can be asked, by rules and templates alone; its warnings say so. Errors: permanent
  /// HF-CFG-02 (this shape needs a model), permanent HF-LLM-08.
  [[nodiscard]] virtual Result<Shaped> by_rules(const Material& material) const;
  /// The result when nothing was said.
  [[nodiscard]] virtual boost::json::value empty(const boost::json::object& schema) const = 0;
  /// `answer` is valid by `schema`. Errors: transient HF-LLM-03, permanent HF-LLM-08.
  [[nodiscard]] virtual Result<Shaped> conclude(const boost::json::object& answer,
                                                const boost::json::object& schema,
                                                const Material& material) const = 0;
};

std::span<const Shape* const> shapes();
const Shape* find_shape(std::string_view name);

/// What a schema, or templates, cannot be used for. Errors: always; permanent HF-CFG-02.
std::unexpected<Error> cannot(std::string_view why);

/// The fields of a schema of an object; none if it has no "properties".
const boost::json::object& properties_of(const boost::json::object& schema);

}  // namespace holdfast::stages
