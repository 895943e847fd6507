#include "adapters/llama/llama_embedder.hpp"

#include <algorithm>
#include <exception>
#include <new>
#include <utility>

#include "adapters/llama/weights.hpp"
#include "core/similar/embedding.hpp"

namespace holdfast::llama {
namespace {

bool asked_to_stop(void* stop) { return *static_cast<const std::atomic<bool>*>(stop); }

/// One text at a time: a vector then depends on its text alone, and not on the others of a request.
class LlamaEmbedder final : public EmbeddingModel {
 public:
  LlamaEmbedder(std::string name, ModelPtr model, ContextPtr context)
      : name_{std::move(name)},
        model_{std::move(model)},
        context_{std::move(context)},
        vocab_{llama_model_get_vocab(model_.get())} {}
  [[nodiscard]] std::string name() const override { return name_; }
  Result<TextVector> embed(const std::string& text, const std::atomic<bool>& stop) override;

 private:
  [[nodiscard]] std::vector<llama_token> tokens_of(const std::string& text) const;
  [[nodiscard]] std::vector<float> pooled() const;

  std::string name_;
  ModelPtr model_;
  ContextPtr context_;
  const llama_vocab* vocab_;
};

/// With the model's own marks at both ends. What a text says is data: it gives no special token.
std::vector<llama_token> LlamaEmbedder::tokens_of(const std::string& text) const {
  std::vector<llama_token> tokens(text.size() + 2);
  const auto count = llama_tokenize(vocab_, text.data(), static_cast<std::int32_t>(text.size()), tokens.data(),
                                    static_cast<std::int32_t>(tokens.size()), /*add_special=*/true,
                                    /*parse_special=*/false);
  tokens.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  return tokens;
}

/// The mean over the text's tokens, of length 1; empty: the model made nothing of it.
std::vector<float> LlamaEmbedder::pooled() const {
  const float* values = llama_get_embeddings_seq(context_.get(), 0);
  if (values == nullptr) return {};
  std::vector<float> vector(values, values + llama_model_n_embd(model_.get()));
  return similar::normalise(vector) ? vector : std::vector<float>{};
}

Result<TextVector> LlamaEmbedder::embed(const std::string& text, const std::atomic<bool>& stop) {
  auto tokens = tokens_of(text);
  const std::size_t room = llama_n_ctx(context_.get());
  const bool cut = tokens.size() > room;
  if (cut) {
    const llama_token last = tokens.back();
    tokens.resize(room);
    tokens.back() = last;  // the mark of the end
  }
  if (tokens.empty()) return fail(ErrorClass::transient, "HF-EMB-03", "the text has no words for the model");
  llama_set_abort_callback(context_.get(), &asked_to_stop, const_cast<std::atomic<bool>*>(&stop));
  const auto batch = llama_batch_get_one(tokens.data(), static_cast<std::int32_t>(tokens.size()));
  const auto code = llama_encode(context_.get(), batch);
  if (stop) return stopped();
  if (code != 0)
    return fail(ErrorClass::resource, "HF-ENG-04",
                "the embedding model could not compute (code " + std::to_string(code) + ")");
  TextVector made{.values = pooled(), .cut = cut};
  if (made.values.empty()) return fail(ErrorClass::transient, "HF-EMB-03", "the model gave no vector");
  return made;
}

/// A text is read at once, since every word looks at every other: the context is one batch.
Result<ContextPtr> embedding_context(const ModelConfig& config, llama_model* model) {
  const auto trained = static_cast<unsigned>(std::max(llama_model_n_ctx_train(model), 1));
  auto params = llama_context_default_params();
  params.n_ctx = std::min(config.context_tokens, trained);
  params.n_batch = params.n_ubatch = params.n_ctx;
  params.n_seq_max = 1;
  params.n_threads = params.n_threads_batch = static_cast<std::int32_t>(config.threads);
  params.embeddings = true;
  ContextPtr context{llama_init_from_model(model, params)};
  if (!context) return fail(ErrorClass::resource, "HF-ENG-04", "no memory for the embedding model's context");
  if (llama_pooling_type(context.get()) != LLAMA_POOLING_TYPE_MEAN)
    return unusable(config, "it is no model that makes one vector of a text");
  return context;
}

}  // namespace

Result<std::unique_ptr<EmbeddingModel>> load_embedder(const ModelConfig& config, const std::atomic<bool>& stop) {
  try {
    HF_TRY(auto model, load_weights(config, stop));
    HF_TRY(auto context, embedding_context(config, model.get()));
    return std::make_unique<LlamaEmbedder>(config.file.stem().string(), std::move(model), std::move(context));
  } catch (const std::bad_alloc&) {
    return out_of_memory();
  } catch (const std::exception& problem) {
    return unusable(config, problem.what());
  }
}

}  // namespace holdfast::llama
