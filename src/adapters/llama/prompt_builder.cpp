#include "adapters/llama/prompt_builder.hpp"

#include <array>
#include <utility>

namespace holdfast::llama {
namespace {

// Stand in for the messages while the template is laid out, so that it can be cut where they go.
constexpr const char* kSystemMark = "SYSTEM-MESSAGE-GOES-HERE";
constexpr const char* kUserMark = "USER-MESSAGE-GOES-HERE";

std::unexpected<Error> no_template(std::string what) {
  return fail(ErrorClass::dependency, "HF-LLM-05", "the language model " + std::move(what));
}

/// The two messages laid out by the template; empty: the template is not known.
std::string lay_out(const char* chat_template) {
  const std::array<llama_chat_message, 2> messages{{{"system", kSystemMark}, {"user", kUserMark}}};
  constexpr std::size_t kRoom = 16U << 10U;
  std::string out(kRoom, '\0');
  const auto length =
      llama_chat_apply_template(chat_template, messages.data(), messages.size(), /*add_ass=*/true, out.data(),
                                static_cast<std::int32_t>(out.size()));
  out.resize(length > 0 && static_cast<std::size_t>(length) <= kRoom ? static_cast<std::size_t>(length) : 0);
  return out;
}

void append(Tokens& to, const Tokens& from) { to.insert(to.end(), from.begin(), from.end()); }

}  // namespace

Result<PromptBuilder> PromptBuilder::make(const llama_model* model) {
  const char* chat_template = llama_model_chat_template(model, nullptr);
  if (chat_template == nullptr) return no_template("has no chat template");
  const std::string whole = lay_out(chat_template);
  const auto system = whole.find(kSystemMark);
  const auto user = whole.find(kUserMark);
  if (system == std::string::npos || user == std::string::npos || user < system) {
    return no_template("has a chat template of an unknown kind");
  }
  const auto after_system = system + std::string_view{kSystemMark}.size();
  std::vector<std::string> frame{whole.substr(0, system), whole.substr(after_system, user - after_system),
                                 whole.substr(user + std::string_view{kUserMark}.size())};
  return PromptBuilder{llama_model_get_vocab(model), std::move(frame)};
}

Tokens PromptBuilder::tokenize(const std::string& text, bool with_special) const {
  if (text.empty()) return {};
  Tokens tokens(text.size() + 2);
  const auto count =
      llama_tokenize(vocab_, text.data(), static_cast<std::int32_t>(text.size()), tokens.data(),
                     static_cast<std::int32_t>(tokens.size()), /*add_special=*/false, with_special);
  tokens.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  return tokens;
}

Result<BuiltPrompt> PromptBuilder::build(const TextTask& task, std::size_t context_tokens) const {
  BuiltPrompt built;
  if (llama_vocab_get_add_bos(vocab_)) built.tokens.push_back(llama_vocab_bos(vocab_));
  append(built.tokens, tokenize(frame_[0], true));
  append(built.tokens, plain(task.system));
  append(built.tokens, tokenize(frame_[1], true));
  append(built.tokens, plain(task.before));
  Tokens end = plain(task.after);
  append(end, tokenize(frame_[2], true));

  for (const auto& line : task.lines) {
    const Tokens more = plain(line + "\n");
    if (built.tokens.size() + more.size() + end.size() + task.tokens_max > context_tokens) break;
    append(built.tokens, more);
    ++built.lines_used;
  }
  if (built.lines_used == 0) {
    return fail(ErrorClass::permanent, "HF-LLM-04", "nothing of the text fits into the model's context");
  }
  append(built.tokens, end);
  return built;
}

}  // namespace holdfast::llama
