#pragma once

#include "flow/stages/generate/shape.hpp"

namespace holdfast::stages {

/// A list of what is worth remembering (`memories`) or to be done (`action_items`). The schema is one list of objects
/// with a `text`, and where they are actions perhaps an `owner` and a `due`. Each is held against what was said: what
/// was not said is left out, and where it was said is found by comparing words, not taken from the model.
class Extracted final : public Shape {
 public:
  explicit Extracted(ExtractionKind kind) : kind_{kind} {}
  [[nodiscard]] std::string_view name() const override {
    return kind_ == ExtractionKind::memory ? "memories" : "action_items";
  }
  [[nodiscard]] std::optional<ExtractionKind> extracts() const override { return kind_; }
  [[nodiscard]] Result<void> check(const boost::json::object& schema) const override;
  [[nodiscard]] boost::json::value empty(const boost::json::object& schema) const override;
  [[nodiscard]] Result<Shaped> conclude(const boost::json::object& answer, const boost::json::object& schema,
                                        const Material& material) const override;

 private:
  ExtractionKind kind_;
};

}  // namespace holdfast::stages
