#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"

/// What a chat completion is asked for, as it stands in its item: JSON of our own, whatever dialect it came in.
namespace holdfast::stages {

struct ChatMessage {
  std::string role;  ///< system, user or assistant
  std::string content;
};

/// What the answer has to be.
enum class AnswerForm : std::uint8_t { text, json, schema };

struct ChatTask {
  std::string model;  ///< as the sender calls it; empty: none was named
  std::string role;   ///< which configured model that is; empty: the recipe's
  std::vector<ChatMessage> messages;
  unsigned tokens_max = 0;  ///< 0: as the recipe says
  std::optional<double> temperature{};
  double top_p = 1;                     ///< 0..1
  std::optional<std::uint32_t> seed{};  ///< nothing: another one for each attempt
  std::vector<std::string> stop{};      ///< before any of these the answer ends
  AnswerForm form = AnswerForm::text;
  boost::json::object schema{};  ///< of AnswerForm::schema, and usable by answer_schema.hpp

  static constexpr std::size_t kMessagesMax = 256;
  static constexpr unsigned kTokensMost = 32'768;
  static constexpr double kTemperatureMost = 2;
  static constexpr std::size_t kStopMax = 4;
  static constexpr std::size_t kStopBytesMax = 64;
};

std::string_view to_word(AnswerForm form);

/// The text of an item. The same task is the same text.
std::string to_text(const ChatTask& task);

/// The same back. A text that is none of these is what a user says.
/// Errors: permanent HF-OAI-01 (one of these, with a field beyond its limits; `what` begins with its name).
Result<ChatTask> chat_task_of(std::string_view text);

/// Errors: permanent HF-OAI-01 (something is beyond its limits; `what` begins with its name).
Result<void> check(const ChatTask& task);

}  // namespace holdfast::stages
