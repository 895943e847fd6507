#pragma once

#include <llama.h>

#include <atomic>
#include <memory>
#include <string_view>

#include "adapters/llama/model_config.hpp"
#include "core/base/result.hpp"

/// What every model of llama.cpp needs, whatever it is asked for.
namespace holdfast::llama {

struct ModelFree {
  void operator()(llama_model* model) const noexcept { llama_model_free(model); }
};
struct ContextFree {
  void operator()(llama_context* context) const noexcept { llama_free(context); }
};
using ModelPtr = std::unique_ptr<llama_model, ModelFree>;
using ContextPtr = std::unique_ptr<llama_context, ContextFree>;

/// Checks the file's SHA-256, then loads that very file. `stop` ends the loading.
/// Errors: dependency `missing_code` of the configuration, resource HF-ENG-04 (no memory), canceled. Throws what the
/// library throws.
Result<ModelPtr> load_weights(const ModelConfig& config, const std::atomic<bool>& stop);

std::unexpected<Error> stopped();
std::unexpected<Error> out_of_memory();
std::unexpected<Error> unusable(const ModelConfig& config, std::string_view what);

}  // namespace holdfast::llama
