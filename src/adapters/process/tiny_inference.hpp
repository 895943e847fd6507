#pragma once

#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "ports/worker_pool.hpp"

namespace holdfast {

/// A small question to a model whose right answer is known well enough to tell sense from nonsense: that the program
/// runs and the file is right does not say that the model works.
struct TinyInference {
  std::string request;                                 ///< frame for the worker, without its number
  Result<void> (*judge)(std::string_view answer) = nullptr;  ///< the body of `finished`
};

/// A second of a made-up vowel, whose language is to be told: one pass of the encoder and one step of the decoder. The
/// answer has to be a language, and surer of it than somebody who guesses.
/// Errors of its judge: dependency HF-ENG-09.
[[nodiscard]] TinyInference speech_inference();

/// A question to be answered with yes or no, as JSON bound to a schema.
/// Errors of its judge: dependency HF-LLM-06.
[[nodiscard]] TinyInference language_inference();

/// Three known sentences, two of which say nearly the same: those have to be alike, and more so than with the third.
/// Errors of its judge: dependency HF-EMB-06.
[[nodiscard]] TinyInference embedding_inference();

}  // namespace holdfast
