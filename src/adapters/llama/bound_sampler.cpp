#include "adapters/llama/bound_sampler.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <span>

namespace holdfast::llama {
namespace {

constexpr std::int32_t kTopK = 40;

SamplerPtr make_chance(Chance chance) {
  SamplerPtr chain{llama_sampler_chain_init(llama_sampler_chain_default_params())};
  if (chance.temperature <= 0) {
    llama_sampler_chain_add(chain.get(), llama_sampler_init_greedy());
    return chain;
  }
  llama_sampler_chain_add(chain.get(), llama_sampler_init_top_k(kTopK));
  llama_sampler_chain_add(chain.get(), llama_sampler_init_top_p(static_cast<float>(chance.top_p), 1));
  llama_sampler_chain_add(chain.get(), llama_sampler_init_temp(static_cast<float>(chance.temperature)));
  llama_sampler_chain_add(chain.get(), llama_sampler_init_dist(chance.seed));
  return chain;
}

bool possible(const llama_token_data& candidate) { return std::isfinite(candidate.logit); }

/// How soon a token leads to the end; smaller is sooner. Outside a string: closing first, then what holds
/// nothing.
int rank_to_end(std::string_view piece, bool in_string) {
  if (in_string) return piece.starts_with('"') ? 0 : 1;
  constexpr std::string_view kOrder = "}],n\"";
  const auto place = piece.empty() ? std::string_view::npos : kOrder.find(piece.front());
  return static_cast<int>(std::min(place, kOrder.size()));
}

}  // namespace

Result<BoundSampler> BoundSampler::make(const llama_vocab* vocab, const std::string& grammar, Chance chance) {
  SamplerPtr bound{grammar.empty() ? nullptr : llama_sampler_init_grammar(vocab, grammar.c_str(), "root")};
  if (!bound && !grammar.empty())
    return fail(ErrorClass::permanent, "HF-CFG-02", "the schema's grammar cannot be read");
  return BoundSampler{vocab, std::move(bound), make_chance(chance)};
}

llama_token_data_array BoundSampler::candidates(llama_context* context) {
  const std::span logits{llama_get_logits_ith(context, -1),
                         static_cast<std::size_t>(llama_vocab_n_tokens(vocab_))};
  scratch_.resize(logits.size());
  for (std::size_t i = 0; i < logits.size(); ++i) scratch_[i] = {static_cast<llama_token>(i), logits[i], 0};
  return {.data = scratch_.data(), .size = scratch_.size(), .selected = -1, .sorted = false};
}

bool BoundSampler::allowed(llama_token token) const {
  if (!grammar_) return true;
  llama_token_data one{token, 1, 0};
  llama_token_data_array alone{.data = &one, .size = 1, .selected = -1, .sorted = false};
  llama_sampler_apply(grammar_.get(), &alone);
  return possible(one);
}

void BoundSampler::accept(llama_token token) {
  if (grammar_) llama_sampler_accept(grammar_.get(), token);
  llama_sampler_accept(chance_.get(), token);
}

llama_token BoundSampler::next(llama_context* context) {
  // Asking the grammar about one token is cheap and mostly enough; about the whole vocabulary it costs
  // milliseconds.
  auto all = candidates(context);
  llama_sampler_apply(chance_.get(), &all);
  llama_token token = all.data[all.selected].id;
  if (!allowed(token)) {
    all = candidates(context);
    llama_sampler_apply(grammar_.get(), &all);
    llama_sampler_apply(chance_.get(), &all);
    token = all.data[all.selected].id;
  }
  accept(token);
  return token;
}

llama_token BoundSampler::next_after_number(llama_context* context) {
  constexpr std::string_view kOfNumbers = "0123456789.eE";
  auto all = candidates(context);
  for (llama_token_data& candidate : std::span{all.data, all.size}) {
    const std::string text = piece(candidate.id);
    if (!text.empty() && kOfNumbers.contains(text.front())) candidate.logit = -std::numeric_limits<float>::infinity();
  }
  llama_sampler_apply(grammar_.get(), &all);
  llama_sampler_apply(chance_.get(), &all);
  const llama_token token = all.data[all.selected].id;
  accept(token);
  return token;
}

llama_token BoundSampler::next_to_end(llama_context* context, bool in_string) {
  constexpr std::ptrdiff_t kFewChoices =
      64;  // then the grammar prescribes the text, and a longer piece is sooner done
  auto all = candidates(context);
  llama_sampler_apply(grammar_.get(), &all);
  const std::span choices{all.data, all.size};
  const bool prescribed = std::ranges::count_if(choices, possible) <= kFewChoices;
  const auto order = [&](const llama_token_data& candidate) {
    const auto text = piece(candidate.id);
    return std::tuple{rank_to_end(text, in_string), prescribed ? -static_cast<double>(text.size()) : 0.0,
                      -static_cast<double>(candidate.logit)};
  };
  llama_token best = llama_vocab_eos(vocab_);
  auto best_order = std::tuple{1000, 0.0, 0.0};
  for (const auto& candidate : choices) {
    if (!possible(candidate) || order(candidate) >= best_order) continue;
    best = candidate.id;
    best_order = order(candidate);
  }
  accept(best);
  return best;
}

std::string BoundSampler::piece(llama_token token) const {
  std::array<char, 256> room{};
  const auto length =
      llama_token_to_piece(vocab_, token, room.data(), static_cast<std::int32_t>(room.size()), 0, false);
  return {room.data(), length > 0 ? static_cast<std::size_t>(length) : 0};
}

}  // namespace holdfast::llama
