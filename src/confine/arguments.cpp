#include "confine/arguments.hpp"

#include <charconv>
#include <map>
#include <string_view>

namespace holdfast::confine {
namespace {

using Lists = std::map<std::string_view, std::vector<std::string> Arguments::*>;
using Numbers = std::map<std::string_view, std::uint64_t Arguments::*>;
using Switches = std::map<std::string_view, bool Arguments::*>;

const Lists kLists{{"--read", &Arguments::read},
                   {"--write", &Arguments::write},
                   {"--device", &Arguments::devices},
                   {"--env", &Arguments::environment}};
const Numbers kNumbers{{"--memory", &Arguments::memory}, {"--cpu", &Arguments::cpu},
                       {"--file", &Arguments::file},     {"--files", &Arguments::files},
                       {"--nice", &Arguments::nice},     {"--parent", &Arguments::parent}};
const Switches kSwitches{{"--report", &Arguments::report},
                         {"--no-network", &Arguments::no_network},
                         {"--allow-unconfined-files", &Arguments::allow_unconfined_files}};

bool is_option(std::string_view word) { return word.starts_with("--"); }

bool read_number(std::string_view word, std::uint64_t& into) {
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), into);
  return error == std::errc{} && end == word.data() + word.size();
}

/// Takes the option at `at` and what belongs to it. False: not understood.
bool take_option(int& at, int count, char** words, Arguments& into) {
  const std::string_view option = words[at++];
  if (const auto found = kSwitches.find(option); found != kSwitches.end()) return into.*found->second = true;
  if (const auto found = kNumbers.find(option); found != kNumbers.end()) {
    return at < count && read_number(words[at++], into.*found->second);
  }
  const auto found = kLists.find(option);
  if (found == kLists.end()) return false;
  while (at < count && !is_option(words[at])) (into.*found->second).emplace_back(words[at++]);
  return true;
}

}  // namespace

std::optional<Arguments> parse_arguments(int count, char** words, std::string& problem) {
  Arguments arguments;
  int at = 1;
  while (at < count && std::string_view{words[at]} != "--") {
    const std::string option = words[at];
    if (take_option(at, count, words, arguments)) continue;
    problem = "cannot use " + option;
    return std::nullopt;
  }
  for (++at; at < count; ++at) arguments.command.push_back(words[at]);
  arguments.command.push_back(nullptr);
  if (arguments.report || arguments.command.front() != nullptr) return arguments;
  problem = "no program after --";
  return std::nullopt;
}

}  // namespace holdfast::confine
