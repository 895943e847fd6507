// holdfast-confine: takes away from itself what a decoder or model runner does not need, then becomes the
// program named.
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>

#include "confine/arguments.hpp"
#include "confine/landlock.hpp"
#include "confine/limits.hpp"
#include "confine/system_calls.hpp"

namespace {

using namespace holdfast::confine;

constexpr int kRefused = 125;
constexpr int kNotRun = 126;
constexpr int kNotFound = 127;

int refuse(const std::string& why) {
  std::fprintf(stderr, "holdfast-confine: %s\n", why.c_str());
  return kRefused;
}

/// What this kernel offers, for `holdfast doctor`. Really tried where trying is harmless.
int report() {
  const int abi = landlock_abi();
  const bool calls = restrict_system_calls(true).empty();
  std::printf("{\"landlock_abi\":%d,\"landlock_network\":%s,\"seccomp\":%s}\n", abi,
              abi >= 4 ? "true" : "false", calls ? "true" : "false");
  return 0;
}

/// Empty: everything is in force.
std::string confine_files(const Arguments& arguments) {
  const int abi = landlock_abi();
  if (abi > 0) return restrict_files(arguments, abi);
  if (arguments.allow_unconfined_files) return {};
  return "this kernel has no Landlock, so files cannot be confined "
         "(security.allow_unconfined_files = true goes on without)";
}

/// The order matters: limits need privileges that are dropped next; the system call filter comes last,
/// because it forbids what the steps before it use.
std::string confine(const Arguments& arguments) {
  if (auto problem = set_limits(arguments); !problem.empty()) return problem;
  if (auto problem = drop_privileges(); !problem.empty()) return problem;
  if (auto problem = tie_to_parent(arguments.parent); !problem.empty()) return problem;
  if (auto problem = confine_files(arguments); !problem.empty()) return problem;
  return restrict_system_calls(arguments.no_network);
}

int become(const Arguments& arguments) {
  std::vector<std::string> variables{"PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8"};
  variables.insert(variables.end(), arguments.environment.begin(), arguments.environment.end());
  std::vector<char*> pointers;
  for (std::string& variable : variables) pointers.push_back(variable.data());
  pointers.push_back(nullptr);
  ::execvpe(arguments.command.front(), arguments.command.data(), pointers.data());
  const int error = errno;
  std::fprintf(stderr, "holdfast-confine: %s: %s\n", arguments.command.front(), std::strerror(error));
  return error == ENOENT ? kNotFound : kNotRun;
}

}  // namespace

int main(int count, char** words) {
  std::string problem;
  const auto arguments = parse_arguments(count, words, problem);
  if (!arguments) return refuse(problem);
  if (arguments->report) return report();
  problem = confine(*arguments);
  if (!problem.empty()) return refuse(problem);
  return become(*arguments);
}
