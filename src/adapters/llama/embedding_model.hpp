#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "core/base/result.hpp"

namespace holdfast::llama {

struct TextVector {
  std::vector<float> values;  ///< of length 1
  bool cut = false;           ///< the text was longer than what the model reads
};

/// A model that turns a text into a vector, in this process. A small interface, so that the worker can be tried without
/// any model.
class EmbeddingModel {
 public:
  virtual ~EmbeddingModel() = default;
  [[nodiscard]] virtual std::string name() const = 0;
  /// The same text gives the same vector. Ends early when `stop` becomes true.
  /// Errors: transient HF-EMB-03 (the model made nothing of it), resource HF-ENG-04 (no memory), canceled (stopped).
  virtual Result<TextVector> embed(const std::string& text, const std::atomic<bool>& stop) = 0;
};

}  // namespace holdfast::llama
