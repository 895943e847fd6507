#pragma once

#include <string>
#include <vector>

#include "app/config/environment.hpp"
#include "core/base/result.hpp"
#include "core/base/time.hpp"

namespace holdfast::cli {

/// A program to run once, as part of a command.
struct Child {
  std::vector<std::string> words;  ///< program (looked for in PATH) and arguments
  Environment environment{};       ///< all of it: nothing of ours is passed on by itself, secrets may be among it
  milliseconds time_max{60'000};   ///< then it is killed, with everything it started
  bool visible = false;            ///< its output goes to standard error as it comes, instead of being kept
};

struct ChildEnd {
  int code = 0;  ///< exit code; 128 + signal where one ended it
  bool timed_out = false;
  std::string output;  ///< standard output and error, the first kChildOutputMax bytes
};

inline constexpr std::size_t kChildOutputMax = 64U << 10U;

/// Runs it and waits. Errors: not_found HF-CLI-03 (cannot be started), canceled (a signal came; the child was
/// killed).
Result<ChildEnd> run_child(const Child& child);

}  // namespace holdfast::cli
