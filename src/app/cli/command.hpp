#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/cli/exit_code.hpp"

/// The one table of commands: parsing, --help, the docs page and shell completion are made from it.
namespace holdfast::cli {

struct Session;
class Arguments;

/// What a value looks like; checked before the command runs.
enum class Type : std::uint8_t { flag, text, path, count, duration, choice };

struct Flag {
  std::string_view name;  ///< "--recipe"
  Type type = Type::flag;
  std::string_view value{};  ///< word for the value in help: "NAME"
  std::string_view sentence{};
  std::string_view letter{};    ///< "-o"; empty: none
  std::string_view choices{};   ///< separated by |
  std::string_view fallback{};  ///< what holds when it is not given; for help only where it is a description
};

struct Operand {
  std::string_view name;  ///< "FILE"
  std::string_view sentence;
  bool required = true;
  std::string_view choices{};
  bool many = false;  ///< may be given several times
};

struct Example {
  std::string_view line;
  std::string_view sentence;
};

struct Command {
  std::string_view words;     ///< "models pull"
  std::string_view sentence;  ///< for the list of commands
  std::string_view more{};    ///< further sentences of its own page
  std::vector<Operand> operands{};
  std::vector<Flag> flags{};
  std::vector<Example> examples{};
  std::vector<Exit> exits{};  ///< beside 0, 1 and 2
  int (*handler)(Session&, const Arguments&) = nullptr;
  bool hidden = false;
};

/// What was given on the command line: operands and flags by name, defaults filled in.
class Arguments {
 public:
  [[nodiscard]] bool has(std::string_view name) const { return values_.contains(name); }
  /// The value; empty where it was not given and has no default.
  [[nodiscard]] std::string text(std::string_view name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? "" : found->second;
  }
  /// The values of an operand that may be given several times.
  [[nodiscard]] std::vector<std::string> list(std::string_view name) const;
  void set(std::string_view name, std::string value) {
    values_.insert_or_assign(std::string{name}, std::move(value));
  }

 private:
  std::map<std::string, std::string, std::less<>> values_;
};

[[nodiscard]] std::span<const Command> commands();
/// By its words; nullptr: there is none.
[[nodiscard]] const Command* find_command(std::string_view words);
[[nodiscard]] std::vector<std::string> split_choices(std::string_view choices);

}  // namespace holdfast::cli
