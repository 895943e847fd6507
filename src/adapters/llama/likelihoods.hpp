#pragma once

#include <llama.h>

#include <span>
#include <string>

namespace holdfast::llama {

/// How likely each token is to follow the newest one in a context. Valid until the context computes again.
class Likelihoods {
 public:
  Likelihoods(llama_context* context, const llama_vocab* vocab);
  /// Of the one token that is exactly this text, 0..1; 0: no token is.
  [[nodiscard]] double of(const std::string& text) const;

 private:
  const llama_vocab* vocab_;
  std::span<const float> logits_;
  double largest_ = 0;
  double sum_ = 0;  ///< of exp(logit - largest)
};

}  // namespace holdfast::llama
