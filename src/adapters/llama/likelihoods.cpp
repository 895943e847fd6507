#include "adapters/llama/likelihoods.hpp"

#include <algorithm>
#include <cmath>

namespace holdfast::llama {

Likelihoods::Likelihoods(llama_context* context, const llama_vocab* vocab)
    : vocab_{vocab},
      logits_{llama_get_logits_ith(context, -1), static_cast<std::size_t>(llama_vocab_n_tokens(vocab))} {
  largest_ = *std::ranges::max_element(logits_);
  for (const float logit : logits_) sum_ += std::exp(logit - largest_);
}

double Likelihoods::of(const std::string& text) const {
  llama_token token = 0;
  const auto length = static_cast<std::int32_t>(text.size());
  if (llama_tokenize(vocab_, text.c_str(), length, &token, 1, false, false) != 1) return 0;
  return std::exp(logits_[static_cast<std::size_t>(token)] - largest_) / sum_;
}

}  // namespace holdfast::llama
