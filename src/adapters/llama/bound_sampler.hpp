#pragma once

#include <llama.h>

#include <memory>
#include <string>
#include <vector>

#include "core/base/result.hpp"

namespace holdfast::llama {

struct SamplerFree {
  void operator()(llama_sampler* sampler) const noexcept { llama_sampler_free(sampler); }
};
using SamplerPtr = std::unique_ptr<llama_sampler, SamplerFree>;

/// How likely tokens are drawn.
struct Chance {
  double temperature = 0.2;  ///< 0: always the likeliest
  double top_p = 0.95;
  std::uint32_t seed = 0;
};

/// Draws the next token of an answer so that the answer stays within a grammar.
class BoundSampler {
 public:
  /// `grammar`: empty: every token is within it. Errors: permanent HF-CFG-02 (the grammar cannot be read).
  static Result<BoundSampler> make(const llama_vocab* vocab, const std::string& grammar, Chance chance);

  /// Draws by the likelihoods of the newest token in `context`.
  llama_token next(llama_context* context);
  /// The same after a number that is whole: nothing that would go on with it.
  llama_token next_after_number(llama_context* context);
  /// The token that brings a JSON answer to its end soonest: nothing new is begun. `in_string`: whether the
  /// answer so far ends within a string.
  llama_token next_to_end(llama_context* context, bool in_string);

  /// Takes a token that somebody else has chosen. It must be within the grammar.
  void take(llama_token token) { accept(token); }

  /// The text of a token; special tokens have none.
  [[nodiscard]] std::string piece(llama_token token) const;
  [[nodiscard]] bool ends(llama_token token) const { return llama_vocab_is_eog(vocab_, token); }

 private:
  BoundSampler(const llama_vocab* vocab, SamplerPtr grammar, SamplerPtr chance)
      : vocab_{vocab}, grammar_{std::move(grammar)}, chance_{std::move(chance)} {}
  llama_token_data_array candidates(llama_context* context);
  [[nodiscard]] bool allowed(llama_token token) const;
  void accept(llama_token token);

  const llama_vocab* vocab_;
  SamplerPtr grammar_;
  SamplerPtr chance_;
  std::vector<llama_token_data> scratch_;
};

}  // namespace holdfast::llama
