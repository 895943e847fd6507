#include "app/cli/help.hpp"

#include <algorithm>
#include <set>

namespace holdfast::cli {

namespace {

constexpr std::size_t kNameColumn = 18;
constexpr std::size_t kFlagColumn = 24;

std::string in_column(std::string text, std::size_t width) {
  text.resize(std::max(text.size() + 2, width), ' ');
  return text;
}

std::string sentence_of(Exit code) {
  for (const auto& meaning : exit_meanings()) {
    if (meaning.code == code) return std::string{meaning.sentence};
  }
  return {};
}

std::string exit_lines(const Command& command) {
  std::string text;
  for (const Exit code : {Exit::done, Exit::failed, Exit::usage}) {
    text += "  " + in_column(std::to_string(to_int(code)), 5) + sentence_of(code) + "\n";
  }
  for (const Exit code : command.exits)
    text += "  " + in_column(std::to_string(to_int(code)), 5) + sentence_of(code) + "\n";
  return text;
}

std::string operand_lines(const Command& command) {
  std::string text;
  for (const Operand& operand : command.operands) {
    text += "  " + in_column(std::string{operand.name}, kFlagColumn) + std::string{operand.sentence} + "\n";
  }
  return text;
}

std::string flag_lines(const Command& command) {
  std::string text;
  for (const Flag& flag : command.flags)
    text += "  " + in_column(flag_form(flag), kFlagColumn) + flag_sentence(flag) + "\n";
  return text + "  " + in_column("-h, --help", kFlagColumn) + "This page.\n";
}

std::string example_lines(const Command& command) {
  std::string text;
  for (const Example& example : command.examples) {
    text += "  " + std::string{example.line};
    text += example.sentence.empty() ? "\n" : "   # " + std::string{example.sentence} + "\n";
  }
  return text;
}

/// What completes after a command: its flags and the fixed words of its operands.
std::string completions_of(const Command& command) {
  std::string words;
  for (const Flag& flag : command.flags) words += std::string{flag.name} + " ";
  for (const Operand& operand : command.operands) {
    for (const auto& choice : split_choices(operand.choices)) words += choice + " ";
  }
  return words + "--help";
}

std::string choice_cases() {
  std::string text;
  std::set<std::string_view> seen;
  for (const Command& command : commands()) {
    for (const Flag& flag : command.flags) {
      const bool files = flag.type == Type::path;
      if ((flag.choices.empty() && !files) || !seen.insert(flag.name).second) continue;
      std::string words{flag.choices};
      std::ranges::replace(words, '|', ' ');
      const std::string letter = flag.letter.empty() ? "" : "|" + std::string{flag.letter};
      text += "    " + std::string{flag.name} + letter + ") COMPREPLY=($(compgen ";
      text += files ? "-f" : "-W \"" + words + "\"";
      text += " -- \"$word\")); return ;;\n";
    }
  }
  return text;
}

std::string command_cases() {
  std::string text;
  for (const Command& command : commands()) {
    if (command.hidden) continue;
    const bool two = command.words.find(' ') != std::string_view::npos;
    const bool file = !command.operands.empty() && command.operands.front().name == "FILE";
    text += "    \"" + std::string{command.words} + (two ? "\"*" : " \"*") + ") known=\"" +
            completions_of(command) + "\"";
    text += file ? "; files=1 ;;\n" : " ;;\n";
  }
  return text;
}

std::string group_cases() {
  std::map<std::string, std::string> groups;
  for (const Command& command : commands()) {
    const auto space = command.words.find(' ');
    if (space != std::string_view::npos) {
      groups[std::string{command.words.substr(0, space)}] +=
          std::string{command.words.substr(space + 1)} + " ";
    }
  }
  std::string text;
  for (const auto& [first, seconds] : groups)
    text += "    \"" + first + " \"*) known=\"" + seconds + "\" ;;\n";
  return text;
}

std::string first_words() {
  std::string text;
  std::set<std::string> seen;
  for (const Command& command : commands()) {
    const std::string first{command.words.substr(0, command.words.find(' '))};
    if (!command.hidden && seen.insert(first).second) text += first + " ";
  }
  return text + "--help";
}

}  // namespace

std::string flag_form(const Flag& flag) {
  std::string text = flag.letter.empty() ? "" : std::string{flag.letter} + ", ";
  text += flag.name;
  return flag.value.empty() ? text : text + " " + std::string{flag.value};
}

std::string flag_sentence(const Flag& flag) {
  std::string text{flag.sentence};
  if (!flag.choices.empty()) {
    text += " One of";
    const auto choices = split_choices(flag.choices);
    for (const auto& word : choices) text += (word == choices.front() ? " " : ", ") + word;
    text += ".";
  }
  return flag.fallback.empty() ? text : text + " Default: " + std::string{flag.fallback} + ".";
}

std::string usage_line(const Command& command) {
  std::string text = "holdfast " + std::string{command.words};
  for (const Operand& operand : command.operands) {
    const std::string name = std::string{operand.name} + (operand.many ? "..." : "");
    text += operand.required ? " " + name : " [" + name + "]";
  }
  for (const Flag& flag : command.flags) {
    const std::string value = flag.value.empty() ? "" : " " + std::string{flag.value};
    text += " [" + std::string{flag.letter.empty() ? flag.name : flag.letter} + value + "]";
  }
  return text;
}

std::string program_help() {
  std::string text =
      "Holdfast takes recordings, saves them first, and works on them until they are done.\n\n"
      "  holdfast serve --single-user             run the server for this machine's user\n"
      "  holdfast submit talk.mp4 --wait          send a recording and follow it\n\nCommands\n";
  for (const Command& command : commands()) {
    if (!command.hidden)
      text += "  " + in_column(std::string{command.words}, kNameColumn) + std::string{command.sentence} + "\n";
  }
  return text + "\n`holdfast COMMAND --help` explains one, `holdfast help HF-STO-02` an error code.\n";
}

std::string command_help(const Command& command) {
  std::string text = std::string{command.sentence} + "\n\n" + example_lines(command) + "\nUsage\n  " +
                     usage_line(command) + "\n";
  if (!command.more.empty()) text += "\n" + std::string{command.more} + "\n";
  if (!command.operands.empty()) text += "\nArguments\n" + operand_lines(command);
  return text + "\nFlags\n" + flag_lines(command) + "\nExit codes\n" + exit_lines(command);
}

std::string bash_completion() {
  return "# Completion of bash for holdfast; made by `holdfast completion bash`.\n"
         "_holdfast() {\n"
         "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} known= files=\n"
         "  local line=\"${COMP_WORDS[*]:1:COMP_CWORD-1} \"\n"
         "  COMPREPLY=()\n"
         "  case $before in\n" +
         choice_cases() +
         "  esac\n"
         "  case $line in\n"
         "    \" \") known=\"" +
         first_words() + "\" ;;\n" + command_cases() + group_cases() +
         "  esac\n"
         "  COMPREPLY=($(compgen -W \"$known\" -- \"$word\"))\n"
         "  if [ -n \"$files\" ]; then COMPREPLY+=($(compgen -f -- \"$word\")); fi\n"
         "}\n"
         "complete -o filenames -F _holdfast holdfast\n";
}

}  // namespace holdfast::cli
