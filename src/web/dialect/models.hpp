#pragma once

#include <string>
#include <string_view>

#include "web/context.hpp"

namespace holdfast::web::dialect {

/// The recipe that does what a model of this kind is called for.
[[nodiscard]] std::string_view recipe_of(WorkerKind kind);

/// The model that a client names: one of the configured ones, or for speech "whisper-1".
/// Errors: invalid HF-OAI-01 (none is named), not_found HF-OAI-02.
Result<ServedModel> find_model(const Context& context, WorkerKind kind, std::string_view name);

}  // namespace holdfast::web::dialect
