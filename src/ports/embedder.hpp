#pragma once

#include <string>
#include <vector>

#include "core/similar/embedding.hpp"
#include "ports/task.hpp"

namespace holdfast {

/// Port: what texts mean, as vectors that can be compared (core/similar). Whoever asks has another way when it fails.
class Embedder {
 public:
  virtual ~Embedder() = default;
  /// One vector for each text, in order. The same text gives the same vector as long as the model is the same.
  /// Errors: permanent HF-EMB-04 (no text, too many, one that is empty or too long); dependency HF-EMB-01, -02, -05,
  /// -06, -07, HF-SVC-01 (the model is away, or rests); transient HF-EMB-03, HF-ENG-01, -03, -07; resource HF-ENG-04;
  /// canceled.
  virtual Task<Result<similar::Embeddings>> embed(std::vector<std::string> texts) = 0;
};

}  // namespace holdfast
