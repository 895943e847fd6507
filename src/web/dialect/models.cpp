#include "web/dialect/models.hpp"

#include <algorithm>

#include "core/grounding/clean.hpp"
#include "web/dialect/error.hpp"

namespace holdfast::web::dialect {
namespace {

/// What OpenAI calls its speech model, and many programs nothing else.
constexpr std::string_view kAnySpeechModel = "whisper-1";
constexpr std::size_t kModelShownMax = 100;

}  // namespace

std::string_view recipe_of(WorkerKind kind) {
  if (kind == WorkerKind::speech) return "voicesync";
  return kind == WorkerKind::embedding ? "embeddings" : "chat";
}

Result<ServedModel> find_model(const Context& context, WorkerKind kind, std::string_view name) {
  if (name.empty()) return refuse("model", "is missing");
  const auto fits = [&](const ServedModel& model) {
    const bool named = model.id == name || (kind == WorkerKind::speech && name == kAnySpeechModel);
    return named && model.kind == kind && context.deps.intake.recipes.contains(std::string{recipe_of(kind)});
  };
  const auto found = std::ranges::find_if(context.deps.models, fits);
  if (found != context.deps.models.end()) return *found;
  return fail(ErrorClass::not_found, "HF-OAI-02", grounding::clean_text(name, kModelShownMax));
}

}  // namespace holdfast::web::dialect
