#include "flow/stages/generate/shape.hpp"

#include <algorithm>

#include "flow/stages/generate/extracted.hpp"
#include "flow/stages/generate/form.hpp"
#include "flow/stages/generate/rating.hpp"

namespace holdfast::stages {

std::span<const Shape* const> shapes() {
  static const Form form;
  static const Rating rating;
  static const Extracted memories{ExtractionKind::memory};
  static const Extracted action_items{ExtractionKind::action};
  static constexpr const Shape* kShapes[] = {&form, &rating, &memories, &action_items};
  return kShapes;
}

const Shape* find_shape(std::string_view name) {
  const auto all = shapes();
  const auto found = std::ranges::find(all, name, &Shape::name);
  return found == all.end() ? nullptr : *found;
}

const boost::json::object& properties_of(const boost::json::object& schema) {
  static const boost::json::object none;
  const auto* properties = schema.if_contains("properties");
  return properties != nullptr && properties->is_object() ? properties->get_object() : none;
}

}  // namespace holdfast::stages
