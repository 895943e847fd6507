#pragma once

#include <string>
#include <vector>

#include "app/cli/command.hpp"
#include "core/base/result.hpp"

namespace holdfast::cli {

/// What somebody typed, understood.
struct Invocation {
  const Command* command = nullptr;  ///< nullptr: no command was given
  Arguments arguments{};
  bool help = false;
};

/// Understands the words after the program's name. Errors: invalid HF-CLI-01, with the nearest command or
/// flag.
Result<Invocation> parse(const std::vector<std::string>& words);

}  // namespace holdfast::cli
