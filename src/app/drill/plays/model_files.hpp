#pragma once

#include <filesystem>
#include <string>

#include "app/drill/scene.hpp"

/// Model files that a drill may damage.
namespace holdfast::drill {

/// A folder of models in the scene's own: `own` copied, the others linked. Errors: not_found HF-DRL-02 (not possible
/// here).
Result<std::filesystem::path> copy_models(const Scene& scene, const std::string& own);

/// Turns one bit in the middle.
void damage(const std::filesystem::path& file);

/// Waits until the server has fetched the model by itself, so that `well` is true, or says why it cannot; then a good
/// file is put there. Errors: permanent HF-DRL-01 (not in time, or the damaged file was not set aside).
Result<void> until_fetched(Scene& scene, const Instance& instance, const std::filesystem::path& models,
                           const std::string& name, const Scene::Look& well);

}  // namespace holdfast::drill
