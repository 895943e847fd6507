#include "app/drill/processes.hpp"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <charconv>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>

namespace holdfast::drill {
namespace {

constexpr int kRoundsMax = 50;  ///< a process that forks while it is looked for needs another round

/// "PID (NAME) STATE PPID ...": the name may hold anything, so the last parenthesis counts.
Process parse_stat(pid_t pid, const std::string& text) {
  const auto begin = text.find('(');
  const auto end = text.rfind(')');
  Process process{.pid = pid};
  if (begin == std::string::npos || end == std::string::npos) return process;
  process.name = text.substr(begin + 1, end - begin - 1);
  std::istringstream rest{text.substr(end + 1)};
  rest >> process.state >> process.parent;
  return process;
}

std::map<pid_t, std::vector<Process>> children_of_all() {
  std::map<pid_t, std::vector<Process>> children;
  std::error_code gone;
  for (const auto& entry : std::filesystem::directory_iterator{"/proc", gone}) {
    const std::string name = entry.path().filename().string();
    pid_t pid = 0;
    const auto [end, bad] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (bad != std::errc{} || end != name.data() + name.size()) continue;
    std::ifstream file{entry.path() / "stat"};
    const std::string text{std::istreambuf_iterator<char>{file}, {}};
    const Process process = parse_stat(pid, text);
    if (!process.name.empty()) children[process.parent].push_back(process);
  }
  return children;
}

}  // namespace

std::vector<Process> descendants(pid_t root) {
  const auto children = children_of_all();
  std::vector<Process> found;
  std::vector<pid_t> open{root};
  while (!open.empty()) {
    const auto next = children.find(open.back());
    open.pop_back();
    if (next == children.end()) continue;
    for (const Process& process : next->second) {
      if (process.state != 'Z') found.push_back(process);
      open.push_back(process.pid);
    }
  }
  return found;
}

pid_t find_descendant(pid_t root, std::string_view name) {
  for (const Process& process : descendants(root)) {
    if (process.name.starts_with(name)) return process.pid;
  }
  return 0;
}

std::uint64_t memory_of(pid_t pid, std::string_view kind) {
  constexpr std::uint64_t kUnit = 1024;
  std::ifstream lines{"/proc/" + std::to_string(pid) + "/status"};
  const std::string label = std::string{kind} + ':';
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(label)) return std::strtoull(line.c_str() + label.size(), nullptr, 10) * kUnit;
  }
  return 0;
}

void adopt_orphans() { ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); }

void end_descendants() {
  for (int round = 0; round < kRoundsMax; ++round) {
    const auto left = descendants(::getpid());
    for (const Process& process : left) ::kill(process.pid, SIGKILL);
    while (::waitpid(-1, nullptr, WNOHANG) > 0) {
    }
    if (left.empty()) return;
    ::usleep(10'000);
  }
}

}  // namespace holdfast::drill
