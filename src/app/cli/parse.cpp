#include "app/cli/parse.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <functional>
#include <sstream>

#include "app/cli/problem.hpp"
#include "app/config/suggest.hpp"
#include "core/base/units.hpp"

namespace holdfast::cli {

namespace {

constexpr std::uint64_t kCountMax = 1'000'000;

std::unexpected<Error> wrong_use(std::string what) {
  return fail(ErrorClass::invalid, kUsage, std::move(what));
}

std::vector<std::string> command_words() {
  std::vector<std::string> names;
  for (const Command& command : commands()) {
    if (!command.hidden) names.emplace_back(command.words);
  }
  return names;
}

/// "models" has several second words: says which.
std::string second_words(const std::string& first) {
  std::string known;
  for (const auto& words : command_words()) {
    if (words.starts_with(first + " ")) known += (known.empty() ? "" : ", ") + words.substr(first.size() + 1);
  }
  return known;
}

/// The command that the first one or two words name; `taken` says how many of them.
Result<const Command*> choose(const std::vector<std::string>& words, std::size_t& taken) {
  const bool has_second = words.size() > 1 && !words[1].starts_with("-");
  const Command* const two = has_second ? find_command(words[0] + " " + words[1]) : nullptr;
  taken = two != nullptr ? 2 : 1;
  if (two != nullptr) return two;
  if (const Command* const one = find_command(words[0]); one != nullptr) return one;
  const std::string known = second_words(words[0]);
  if (known.empty()) {
    return wrong_use("there is no command \"" + words[0] + "\"" + did_you_mean(words[0], command_words()));
  }
  if (!has_second) return wrong_use("\"" + words[0] + "\" needs a second word: " + known);
  const std::string both = words[0] + " " + words[1];
  return wrong_use("there is no command \"" + both + "\"" + did_you_mean(both, command_words()));
}

/// CLI11 reads a value's type; an empty answer means that it is right.
std::function<std::string(std::string&)> check_of(Type type) {
  if (type == Type::count) {
    return [](std::string& text) -> std::string {
      const bool digits =
          !text.empty() && text.size() < 10 && text.find_first_not_of("0123456789") == std::string::npos;
      if (digits && std::stoull(text) >= 1 && std::stoull(text) <= kCountMax) return {};
      return "\"" + text + "\" is not a whole number from 1 to 1000000";
    };
  }
  if (type == Type::duration) {
    return [](std::string& text) -> std::string {
      const auto parsed = units::parse_duration(text);
      return parsed ? "" : parsed.error().what();
    };
  }
  return [](std::string& text) -> std::string { return text.empty() ? "the value is empty" : ""; };
}

std::string one_of(const std::string& text, std::string_view choices) {
  const auto known = split_choices(choices);
  if (choices.empty() || std::ranges::find(known, text) != known.end()) return {};
  std::string list;
  for (const auto& word : known) list += (list.empty() ? "" : ", ") + word;
  return "\"" + text + "\" is not one of " + list + did_you_mean(text, known);
}

/// CLI11 with one command's table row in it. Values are kept by the names of the table.
struct Reader {
  CLI::App app{};
  std::map<std::string, std::string> values{};
  std::map<std::string, std::vector<std::string>> lists{};  ///< of operands that may be given several times
  std::map<std::string, bool> flags{};
};

void add_flag(Reader& reader, const Flag& flag) {
  const std::string name{flag.name};
  const std::string names = flag.letter.empty() ? name : std::string{flag.letter} + "," + name;
  if (flag.type == Type::flag) {
    reader.app.add_flag(names, reader.flags[name]);
    return;
  }
  auto* const option = reader.app.add_option(names, reader.values[name]);
  option->check(CLI::Validator(check_of(flag.type), ""));
  const std::string choices{flag.choices};
  option->check(CLI::Validator([choices](std::string& text) { return one_of(text, choices); }, ""));
}

void add_operand(Reader& reader, const Operand& operand) {
  const std::string name{operand.name};
  auto* const option = operand.many ? reader.app.add_option(name, reader.lists[name])
                                    : reader.app.add_option(name, reader.values[name]);
  const std::string choices{operand.choices};
  option->check(CLI::Validator([choices](std::string& text) { return one_of(text, choices); }, ""));
}

std::unexpected<Error> refuse_extra(const Command& command, const std::string& word) {
  const std::string where = "`holdfast " + std::string{command.words} + "`";
  if (!word.starts_with("-") || word == "-")
    return wrong_use(where + " does not know what to do with \"" + word + "\"");
  std::vector<std::string> known{"--help"};
  for (const Flag& flag : command.flags) known.emplace_back(flag.name);
  const std::string name = word.substr(0, word.find('='));
  return wrong_use(where + " has no flag " + name + did_you_mean(name, known));
}

/// One to a line; no word of a command line that is of use has one in it.
std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += word + "\n";
  return text;
}

Result<Arguments> collect(const Command& command, const Reader& reader) {
  Arguments arguments;
  for (const Flag& flag : command.flags) {
    const std::string name{flag.name};
    const bool given = reader.app.get_option(name)->count() > 0;
    const std::string value = flag.type == Type::flag ? "true"
                              : given                 ? reader.values.at(name)
                                                      : std::string{flag.fallback};
    if (given || !flag.fallback.empty()) arguments.set(name, value);
  }
  for (const Operand& operand : command.operands) {
    const std::string name{operand.name};
    const bool given = reader.app.get_option(name)->count() > 0;
    if (given) arguments.set(name, operand.many ? joined(reader.lists.at(name)) : reader.values.at(name));
    if (!given && operand.required) {
      return wrong_use("`holdfast " + std::string{command.words} + "` needs " + name + ": " +
                       std::string{operand.sentence});
    }
  }
  return arguments;
}

Result<Arguments> read_arguments(const Command& command, std::vector<std::string> words) {
  Reader reader;
  reader.app.set_help_flag();
  reader.app.allow_extras();
  for (const Flag& flag : command.flags) add_flag(reader, flag);
  for (const Operand& operand : command.operands) add_operand(reader, operand);
  std::ranges::reverse(words);  // CLI11 takes them from the back
  try {
    reader.app.parse(words);
  } catch (const CLI::ParseError& problem) {
    return wrong_use(problem.what());
  }
  for (const auto& word : reader.app.remaining()) {
    if (word != "--") return refuse_extra(command, word);
  }
  return collect(command, reader);
}

bool asks_for_help(const std::vector<std::string>& words) {
  const auto end = std::ranges::find(words, "--");
  return std::find(words.begin(), end, "--help") != end || std::find(words.begin(), end, "-h") != end;
}

}  // namespace

std::vector<std::string> Arguments::list(std::string_view name) const {
  std::vector<std::string> words;
  std::istringstream lines{text(name)};
  for (std::string word; std::getline(lines, word);) words.push_back(word);
  return words;
}

Result<Invocation> parse(const std::vector<std::string>& words) {
  if (words.empty()) return Invocation{.help = true};
  if (words.front() == "--help" || words.front() == "-h") return Invocation{.help = true};
  if (words.front() == "--version") return Invocation{.command = find_command("version")};
  if (words.front().starts_with("-"))
    return wrong_use("the command comes first: `holdfast COMMAND " + words.front() + " ...`");
  std::size_t taken = 0;
  HF_TRY(const Command* const command, choose(words, taken));
  const std::vector<std::string> rest(words.begin() + static_cast<std::ptrdiff_t>(taken), words.end());
  if (asks_for_help(rest)) return Invocation{.command = command, .arguments = {}, .help = true};
  HF_TRY(Arguments arguments, read_arguments(*command, rest));
  return Invocation{.command = command, .arguments = std::move(arguments)};
}

}  // namespace holdfast::cli
