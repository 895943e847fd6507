#include "flow/stages/generate/extracted.hpp"

#include <boost/json.hpp>

#include "core/memory/grounded.hpp"
#include "flow/stages/body.hpp"
#include "flow/stages/extraction_json.hpp"

namespace holdfast::stages {
namespace {

namespace json = boost::json;

bool takes_text(const json::object& field) {
  const auto* type = field.if_contains("type");
  if (type == nullptr) return false;
  const auto allowed = [](const json::value& word) { return word == "string" || word == "null"; };
  return type->is_array() ? std::ranges::all_of(type->get_array(), allowed) : allowed(*type);
}

/// A field of one entry: "text", and of an action "owner" and "due".
Result<void> check_field(std::string_view name, const json::value& field, ExtractionKind kind) {
  const bool of_action = name == "owner" || name == "due";
  if (name != "text" && !(of_action && kind == ExtractionKind::action))
    return cannot("\"" + std::string{name} + "\" is no field of such an entry");
  if (!field.is_object() || !takes_text(field.get_object()))
    return cannot("\"" + std::string{name} + "\" must be a string");
  return {};
}

std::vector<memory::SaidLine> said_lines(std::span<const SpokenLine> read) {
  std::vector<memory::SaidLine> lines;
  for (const SpokenLine& line : read) {
    lines.push_back({.segment = line.segment,
                     .words = grounding::compared_words(line.text),
                     .confidence = line.confidence});
  }
  return lines;
}

}  // namespace

Result<void> Extracted::check(const json::object& schema) const {
  const auto& properties = properties_of(schema);
  if (properties.size() != 1 || !properties.begin()->value().is_object())
    return cannot("the schema must have one property, the list");
  const auto& list = properties.begin()->value().get_object();
  const auto* entry = body::object_at(list, "items");
  const auto* type = list.if_contains("type");
  if (type == nullptr || *type != "array" || entry == nullptr)
    return cannot("\"" + std::string{properties.begin()->key()} + "\" must be a list of objects");
  if (!properties_of(*entry).contains("text")) return cannot("an entry needs a \"text\"");
  for (const auto& [name, field] : properties_of(*entry)) HF_TRY_VOID(check_field(name, field, kind_));
  return {};
}

json::value Extracted::empty(const json::object& /*schema*/) const { return list_mark(kind_); }

Result<Shaped> Extracted::conclude(const json::object& answer, const json::object& schema,
                                   const Material& material) const {
  const auto lines = said_lines(material.read);
  Shaped shaped{.result = list_mark(kind_)};
  const auto* list = answer.if_contains(properties_of(schema).begin()->key());
  if (list == nullptr || !list->is_array()) return shaped;  // cannot be: it is valid by the schema
  for (const json::value& entry : list->get_array()) {
    if (!entry.is_object()) continue;
    const auto& fields = entry.get_object();
    const std::string owner = body::text_or_empty(fields, "owner");
    const std::string due = body::text_or_empty(fields, "due");
    for (const std::string& sentence : memory::sentences_of(body::text_or_empty(fields, "text"))) {
      auto made = memory::grounded({.kind = kind_, .text = sentence, .owner = owner, .due = due}, lines);
      if (made) shaped.extractions.push_back(*std::move(made));
      if (!made) ++shaped.left_out;
    }
  }
  return shaped;
}

}  // namespace holdfast::stages
