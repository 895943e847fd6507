#include "core/fragrance/validation.hpp"

#include <span>

namespace holdfast::fragrance {
namespace {

constexpr std::size_t kNameCharactersMax = 40;

std::string joined(std::span<const std::string_view> words) {
  std::string out;
  for (const auto word : words) out += (out.empty() ? "" : ", ") + std::string{word};
  return out;
}

bool is_note_name(std::string_view name) {
  const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || c == ' ' || c == '-'; };
  return !name.empty() && name.size() <= kNameCharactersMax && std::ranges::all_of(name, fits);
}

void check_notes(const Notes& notes, std::vector<std::string>& errors) {
  if (notes.size() > kNotesMax) {
    errors.push_back("notes_preference has more than " + std::to_string(kNotesMax) + " notes");
    return;
  }
  for (const auto& [name, weight] : notes) {
    if (!is_note_name(name)) {
      errors.emplace_back("notes_preference has a name that is none of a note");
    } else if (!is_share(weight)) {
      errors.push_back("notes_preference \"" + name + "\" must be a number from 0 to 1");
    }
  }
}

}  // namespace

std::vector<std::string> errors_of(const Brief& brief) {
  std::vector<std::string> errors;
  if (!is_style(brief.style)) errors.push_back("style must be one of " + joined(kStyles));
  if (!is_share(brief.intensity)) errors.emplace_back("intensity must be a number from 0 to 1");
  if (!is_share(brief.complexity)) errors.emplace_back("complexity must be a number from 0 to 1");
  check_notes(brief.notes_preference, errors);
  if (!is_category(brief.product_category))
    errors.push_back("product_category must be one of " + joined(kCategories));
  return errors;
}

Validation validate_by_rules(const Brief& brief) {
  return {.errors = errors_of(brief),
          .warnings = {"checked by rules only, because no model could be asked", "the IFRA check was skipped"}};
}

Result<void> refuse_critical(const Validation& validation) {
  if (validation.valid()) return {};
  std::string all;
  for (const auto& error : validation.errors) all += (all.empty() ? "" : "; ") + error;
  return fail(ErrorClass::permanent, "HF-LLM-08", "the brief cannot be used: " + all);
}

}  // namespace holdfast::fragrance
