#include "adapters/llama/llama_model.hpp"

#include <llama.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <new>

#include "adapters/llama/bound_sampler.hpp"
#include "adapters/llama/grammar.hpp"
#include "adapters/llama/json_scanner.hpp"
#include "adapters/llama/likelihoods.hpp"
#include "adapters/llama/prompt_builder.hpp"
#include "adapters/llama/scales.hpp"
#include "adapters/llama/skeleton.hpp"
#include "adapters/llama/weights.hpp"

namespace holdfast::llama {
namespace {

/// So many tokens are read at a time. Small enough for a steady sign of life; the places where the prompt is
/// cut do not depend on what is remembered from before, so the same task gives the same answer.
constexpr std::size_t kBatch = 64;

/// What the engine's computation calls back: the sign of life, and the question whether to stop.
struct Watch {
  const OnProgress* on_progress = nullptr;
  const std::atomic<bool>* stop = nullptr;
  double fraction = 0;

  static bool tick(void* self) {
    const auto& watch = *static_cast<Watch*>(self);
    if (watch.on_progress != nullptr) (*watch.on_progress)(watch.fraction);
    return watch.stop != nullptr && *watch.stop;
  }
};

class LlamaModel final : public TextModel {
 public:
  LlamaModel(std::string name, ModelPtr model, ContextPtr context, PromptBuilder prompts)
      : name_{std::move(name)},
        model_{std::move(model)},
        context_{std::move(context)},
        prompts_{std::move(prompts)} {
    llama_set_abort_callback(context_.get(), &Watch::tick, &watch_);
  }
  [[nodiscard]] std::string name() const override { return name_; }
  Result<TextAnswer> write(const TextTask& task, const OnProgress& on_progress,
                           const std::atomic<bool>& stop) override;
  Result<TextAnswer> chat(const ChatTask& task, const OnProgress& on_progress,
                          const std::atomic<bool>& stop) override;

 private:
  Result<TextAnswer> free_answer(const ChatTask& task, const BuiltPrompt& prompt, BoundSampler& sampler);
  Result<TextAnswer> answer(const TextTask& task, const BuiltPrompt& prompt, BoundSampler& sampler);
  Result<bool> mark_next(const Scales& scales, const JsonScanner& scanner, BoundSampler& sampler, TextAnswer& answer);
  Result<std::optional<std::string>> mark(const Scale& scale);
  Result<void> write_mark(const std::string& mark, BoundSampler& sampler, TextAnswer& answer);
  Result<void> read(const Tokens& prompt, std::size_t answer_tokens);
  Result<void> decode(llama_token* tokens, std::size_t count);
  std::size_t forget_from_first_difference(const Tokens& prompt);
  [[nodiscard]] std::size_t tokens_to_end(const TextTask& task) const;

  std::string name_;
  ModelPtr model_;
  ContextPtr context_;
  PromptBuilder prompts_;
  Tokens remembered_;  ///< prompt tokens whose state the context holds, whole batches only
  Watch watch_;
};

Result<TextAnswer> LlamaModel::write(const TextTask& task, const OnProgress& on_progress,
                                     const std::atomic<bool>& stop) {
  HF_TRY(const auto grammar, grammar_of(task.schema));
  HF_TRY(const auto prompt, prompts_.build(task, llama_n_ctx(context_.get())));
  HF_TRY(auto sampler,
         BoundSampler::make(llama_model_get_vocab(model_.get()), grammar,
                            {.temperature = task.temperature, .seed = task.seed}));
  watch_ = {.on_progress = &on_progress, .stop = &stop};
  auto answered = answer(task, prompt, sampler);
  watch_ = {};
  return answered;
}

Result<TextAnswer> LlamaModel::chat(const ChatTask& given, const OnProgress& on_progress,
                                    const std::atomic<bool>& stop) {
  ChatTask task = given;
  HF_TRY(const auto prompt, prompts_.build(task, llama_n_ctx(context_.get())));
  const std::size_t room = llama_n_ctx(context_.get()) - prompt.tokens.size();
  task.tokens_max = static_cast<unsigned>(std::min<std::size_t>(task.tokens_max, room));
  std::string grammar;
  if (!task.schema.empty()) {
    HF_TRY(grammar, grammar_of(task.schema));
  }
  HF_TRY(auto sampler, BoundSampler::make(llama_model_get_vocab(model_.get()), grammar,
                                          {.temperature = task.temperature, .top_p = task.top_p, .seed = task.seed}));
  watch_ = {.on_progress = &on_progress, .stop = &stop};
  const TextTask bound{.schema = task.schema, .tokens_max = task.tokens_max};
  auto answered = grammar.empty() ? free_answer(task, prompt, sampler) : answer(bound, prompt, sampler);
  watch_ = {};
  return answered;
}

/// Where the first of these begins; npos: none is there.
std::size_t first_of(std::string_view text, const std::vector<std::string>& ends) {
  std::size_t first = std::string_view::npos;
  for (const std::string& end : ends) first = std::min(first, text.find(end));
  return first;
}

Result<TextAnswer> LlamaModel::free_answer(const ChatTask& task, const BuiltPrompt& prompt, BoundSampler& sampler) {
  const double total = static_cast<double>(prompt.tokens.size()) + task.tokens_max;
  HF_TRY_VOID(read(prompt.tokens, task.tokens_max));
  TextAnswer answer{.tokens_in = prompt.tokens.size()};
  while (answer.tokens_out < task.tokens_max) {
    auto token = sampler.next(context_.get());
    if (sampler.ends(token)) return answer;
    answer.tokens_out += 1;
    answer.text += sampler.piece(token);
    if (const auto end = first_of(answer.text, task.stop); end != std::string::npos) {
      answer.text.resize(end);
      return answer;
    }
    watch_.fraction = static_cast<double>(prompt.tokens.size() + answer.tokens_out) / total;
    HF_TRY_VOID(decode(&token, 1));
  }
  answer.shortened = true;
  return answer;
}

/// Room that the shortest way to the end may need: the shortest answer that there is, half as much again, and
/// some for what is just being written.
std::size_t LlamaModel::tokens_to_end(const TextTask& task) const {
  const std::size_t shortest = prompts_.plain(skeleton_of(task.schema)).size();
  return shortest + shortest / 2 + 8;
}

Result<TextAnswer> LlamaModel::answer(const TextTask& task, const BuiltPrompt& prompt,
                                      BoundSampler& sampler) {
  const double total = static_cast<double>(prompt.tokens.size()) + task.tokens_max;
  HF_TRY_VOID(read(prompt.tokens, task.tokens_max));
  const std::size_t reserve = tokens_to_end(task);
  TextAnswer answer{.lines_used = prompt.lines_used, .tokens_in = prompt.tokens.size()};
  JsonScanner scanner;
  const auto scales = scales_of(task.schema);
  while (answer.tokens_out < task.tokens_max) {
    const bool to_end = task.tokens_max - answer.tokens_out <= reserve;
    HF_TRY(const bool marked, mark_next(scales, scanner, sampler, answer));
    auto token = marked   ? sampler.next_after_number(context_.get())
                 : to_end ? sampler.next_to_end(context_.get(), scanner.in_string())
                          : sampler.next(context_.get());
    answer.tokens_out += 1;
    answer.shortened = answer.shortened || to_end;
    const auto piece = sampler.piece(token);
    answer.text += piece.substr(0, scanner.take(piece));
    if (scanner.complete()) return answer;
    if (sampler.ends(token)) break;
    watch_.fraction = static_cast<double>(prompt.tokens.size() + answer.tokens_out) / total;
    HF_TRY_VOID(decode(&token, 1));
  }
  return fail(ErrorClass::transient, "HF-LLM-03",
              "the model found no end within " + std::to_string(task.tokens_max) + " tokens");
}

/// Where a mark on a scale stands next, writes it. Returns whether it has.
Result<bool> LlamaModel::mark_next(const Scales& scales, const JsonScanner& scanner, BoundSampler& sampler,
                                   TextAnswer& answer) {
  const auto scale = scale_next(scales, answer.text);
  if (!scale || scanner.in_string()) return false;
  HF_TRY(const auto expected, mark(*scale));
  if (expected) HF_TRY_VOID(write_mark(*expected, sampler, answer));
  return expected.has_value();
}

/// The mark that the model means to write next. The context is as before when it returns.
Result<std::optional<std::string>> LlamaModel::mark(const Scale& scale) {
  const auto* vocab = llama_model_get_vocab(model_.get());
  std::vector<double> chances(Scale::kMost + 1, 0.0);
  {
    const Likelihoods next{context_.get(), vocab};
    for (int number = 0; number <= Scale::kMost; ++number)
      chances[static_cast<std::size_t>(number)] = next.of(std::to_string(number));
  }
  llama_token one = 0;
  const bool ten_is_two = chances[10] <= 0 && llama_tokenize(vocab, "1", 1, &one, 1, false, false) == 1;
  if (scale.most < 10 || !ten_is_two) return expected_mark(scale, chances);
  // A 10 begins as a 1 does. What of its chance is a 10's, the model says only after the 1.
  auto* memory = llama_get_memory(context_.get());
  const llama_pos before = llama_memory_seq_pos_max(memory, 0) + 1;
  HF_TRY_VOID(decode(&one, 1));
  const double zero = Likelihoods{context_.get(), vocab}.of("0");
  if (!llama_memory_seq_rm(memory, 0, before, -1))
    return fail(ErrorClass::transient, "HF-LLM-03", "this model cannot take a token back");
  chances[10] = chances[1] * zero;
  chances[1] -= chances[10];
  return expected_mark(scale, chances);
}

Result<void> LlamaModel::write_mark(const std::string& mark, BoundSampler& sampler, TextAnswer& answer) {
  for (llama_token token : prompts_.plain(mark)) {
    sampler.take(token);
    HF_TRY_VOID(decode(&token, 1));
    answer.tokens_out += 1;
  }
  answer.text += mark;
  return {};
}

Result<void> LlamaModel::decode(llama_token* tokens, std::size_t count) {
  const auto code =
      llama_decode(context_.get(), llama_batch_get_one(tokens, static_cast<std::int32_t>(count)));
  if (code == 0) return {};
  remembered_.clear();
  llama_memory_clear(llama_get_memory(context_.get()), true);
  if (watch_.stop != nullptr && *watch_.stop) return stopped();
  return fail(ErrorClass::resource, "HF-ENG-04",
              "the language model could not compute (code " + std::to_string(code) + ")");
}

/// Keeps the state of the batches at the start of the prompt that are as they were. Returns how many tokens
/// that saves.
std::size_t LlamaModel::forget_from_first_difference(const Tokens& prompt) {
  const auto differ = std::ranges::mismatch(prompt, remembered_).in1 - prompt.begin();
  const std::size_t most =
      prompt.size() - 1;  // the last token is read anew: its likelihoods are what is asked for
  const std::size_t same = std::min(static_cast<std::size_t>(differ), most) / kBatch * kBatch;
  auto* memory = llama_get_memory(context_.get());
  if (llama_memory_seq_rm(memory, 0, static_cast<llama_pos>(same), -1)) return same;
  llama_memory_clear(memory, true);
  return 0;
}

Result<void> LlamaModel::read(const Tokens& prompt, std::size_t answer_tokens) {
  std::size_t done = forget_from_first_difference(prompt);
  remembered_.assign(prompt.begin(), prompt.begin() + static_cast<std::ptrdiff_t>(done));
  while (done < prompt.size()) {
    const std::size_t count = std::min(kBatch, prompt.size() - done);
    Tokens batch(prompt.begin() + static_cast<std::ptrdiff_t>(done),
                 prompt.begin() + static_cast<std::ptrdiff_t>(done + count));
    HF_TRY_VOID(decode(batch.data(), count));
    done += count;
    if (count == kBatch) remembered_.insert(remembered_.end(), batch.begin(), batch.end());
    watch_.fraction = static_cast<double>(done) / static_cast<double>(prompt.size() + answer_tokens);
  }
  return {};
}

Result<ContextPtr> text_context(const ModelConfig& config, llama_model* model) {
  const auto trained = static_cast<unsigned>(std::max(llama_model_n_ctx_train(model), 1));
  auto params = llama_context_default_params();
  params.n_ctx = std::min(config.context_tokens, trained);
  params.n_batch = params.n_ubatch = kBatch;
  params.n_seq_max = 1;
  params.n_threads = params.n_threads_batch = static_cast<std::int32_t>(config.threads);
  ContextPtr context{llama_init_from_model(model, params)};
  if (!context) return fail(ErrorClass::resource, "HF-ENG-04", "no memory for the language model's context");
  return context;
}

}  // namespace

std::string engine_name() { return std::string{"llama.cpp "} + llama_version(); }

Result<std::unique_ptr<TextModel>> load_model(const ModelConfig& config, const std::atomic<bool>& stop) {
  try {
    HF_TRY(auto model, load_weights(config, stop));
    if (!llama_model_has_decoder(model.get()) || llama_model_has_encoder(model.get()))
      return unusable(config, "it is no model that writes text");
    HF_TRY(auto context, text_context(config, model.get()));
    HF_TRY(auto prompts, PromptBuilder::make(model.get()));
    return std::make_unique<LlamaModel>(config.file.stem().string(), std::move(model), std::move(context),
                                        std::move(prompts));
  } catch (const std::bad_alloc&) {
    return out_of_memory();
  } catch (const std::exception& problem) {
    return unusable(config, problem.what());
  }
}

}  // namespace holdfast::llama
