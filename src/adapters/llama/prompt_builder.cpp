#include "adapters/llama/prompt_builder.hpp"

#include <utility>

namespace holdfast::llama {
namespace {

/// An answer shorter than this is none.
constexpr std::size_t kAnswerTokensLeast = 16;
constexpr std::size_t kRoomPerMessage = 8U << 10U;  ///< bytes of a template, without the message itself

std::unexpected<Error> no_template(std::string what) {
  return fail(ErrorClass::dependency, "HF-LLM-05", "the language model " + std::move(what));
}

/// Stands in for a message while the template is laid out, so that it can be cut where the message goes.
std::string mark_of(std::size_t number) { return "MESSAGE-" + std::to_string(number) + "-GOES-HERE"; }

/// The template's text before, between and after messages of these roles; empty: the template is not known, or leaves
/// one of them out.
std::vector<std::string> frame_of(const std::string& chat_template, const std::vector<std::string>& roles) {
  std::vector<std::string> marks;
  for (std::size_t i = 0; i < roles.size(); ++i) marks.push_back(mark_of(i));
  std::vector<llama_chat_message> messages;
  for (std::size_t i = 0; i < roles.size(); ++i) messages.push_back({roles[i].c_str(), marks[i].c_str()});
  std::string whole((roles.size() + 1) * kRoomPerMessage, '\0');
  const auto room = static_cast<std::int32_t>(whole.size());
  const auto length = llama_chat_apply_template(chat_template.c_str(), messages.data(), messages.size(),
                                                /*add_ass=*/true, whole.data(), room);
  if (length <= 0 || static_cast<std::size_t>(length) > whole.size()) return {};
  whole.resize(static_cast<std::size_t>(length));
  std::vector<std::string> frame;
  std::size_t from = 0;
  for (const std::string& mark : marks) {
    const auto at = whole.find(mark, from);
    if (at == std::string::npos) return {};
    frame.push_back(whole.substr(from, at - from));
    from = at + mark.size();
  }
  frame.push_back(whole.substr(from));
  return frame;
}

void append(Tokens& to, const Tokens& from) { to.insert(to.end(), from.begin(), from.end()); }

}  // namespace

Result<PromptBuilder> PromptBuilder::make(const llama_model* model) {
  const char* chat_template = llama_model_chat_template(model, nullptr);
  if (chat_template == nullptr) return no_template("has no chat template");
  auto frame = frame_of(chat_template, {"system", "user"});
  if (frame.empty()) return no_template("has a chat template of an unknown kind");
  return PromptBuilder{llama_model_get_vocab(model), chat_template, std::move(frame)};
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

Result<BuiltPrompt> PromptBuilder::build(const ChatTask& task, std::size_t context_tokens) const {
  std::vector<std::string> roles;
  for (const ChatMessage& message : task.messages) roles.push_back(message.role);
  const auto frame = frame_of(template_, roles);
  if (frame.empty()) return no_template("has a chat template that cannot hold this conversation");
  BuiltPrompt built;
  if (llama_vocab_get_add_bos(vocab_)) built.tokens.push_back(llama_vocab_bos(vocab_));
  for (std::size_t i = 0; i < task.messages.size(); ++i) {
    append(built.tokens, tokenize(frame[i], true));
    append(built.tokens, plain(task.messages[i].content));
  }
  append(built.tokens, tokenize(frame.back(), true));
  if (built.tokens.size() + kAnswerTokensLeast <= context_tokens) return built;
  return fail(ErrorClass::permanent, "HF-LLM-04", "the conversation does not fit into the model's context");
}

}  // namespace holdfast::llama
