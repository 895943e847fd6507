#include "adapters/process/confinement.hpp"

#include <unistd.h>

#include <string_view>

namespace holdfast {
namespace {

using Words = std::vector<std::string>;

void add_list(Words& words, std::string_view option, const std::vector<std::filesystem::path>& places) {
  if (places.empty()) return;
  words.emplace_back(option);
  for (const auto& place : places) words.push_back(place.string());
}

void add_number(Words& words, std::string_view option, std::uint64_t value) {
  if (value == 0) return;
  words.emplace_back(option);
  words.push_back(std::to_string(value));
}

}  // namespace

std::vector<std::string> confined(const Confinement& rules, std::vector<std::string> command) {
  if (rules.confine.empty()) return command;
  Words words{rules.confine.string(), "--parent", std::to_string(::getpid())};
  add_list(words, "--read", rules.read);
  add_list(words, "--write", rules.write);
  add_number(words, "--memory", rules.memory_bytes);
  add_number(words, "--cpu", rules.cpu_seconds);
  add_number(words, "--file", rules.file_bytes);
  add_number(words, "--files", rules.files);
  if (!rules.network) words.emplace_back("--no-network");
  if (rules.allow_unconfined_files) words.emplace_back("--allow-unconfined-files");
  words.emplace_back("--");
  words.insert(words.end(), command.begin(), command.end());
  return words;
}

}  // namespace holdfast
