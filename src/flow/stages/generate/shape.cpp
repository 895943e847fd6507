#include "flow/stages/generate/shape.hpp"

#include <algorithm>

#include "flow/stages/generate/brief.hpp"
#include "flow/stages/generate/extracted.hpp"
#include "flow/stages/generate/form.hpp"
#include "flow/stages/generate/hints.hpp"
#include "flow/stages/generate/rating.hpp"
#include "flow/stages/generate/validation.hpp"

namespace holdfast::stages {

std::span<const Shape* const> shapes() {
  static const Form form;
  static const Rating rating;
  static const Extracted memories{ExtractionKind::memory};
  static const Extracted action_items{ExtractionKind::action};
  static const BriefShape brief;
  static const ValidationShape validation;
  static const HintsShape hints;
  static constexpr const Shape* kShapes[] = {&form, &rating, &memories, &action_items, &brief, &validation, &hints};
  return kShapes;
}

const Shape* find_shape(std::string_view name) {
  const auto all = shapes();
  const auto found = std::ranges::find(all, name, &Shape::name);
  return found == all.end() ? nullptr : *found;
}

std::unexpected<Error> cannot(std::string_view why) {
  return fail(ErrorClass::permanent, "HF-CFG-02", std::string{why});
}

Result<void> Shape::check_templates(const boost::json::value& /*templates*/) const {
  return cannot("the shape \"" + std::string{name()} + "\" has no templates");
}

Result<void> Shape::check_result(const boost::json::value& /*result*/) const { return {}; }

Result<Shaped> Shape::by_rules(const Material& /*material*/) const {
  return cannot("the shape \"" + std::string{name()} + "\" needs a model");
}

const boost::json::object& properties_of(const boost::json::object& schema) {
  static const boost::json::object none;
  const auto* properties = schema.if_contains("properties");
  return properties != nullptr && properties->is_object() ? properties->get_object() : none;
}

}  // namespace holdfast::stages
