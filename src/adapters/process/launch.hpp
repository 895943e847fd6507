#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace holdfast::process {

/// What a new program begins with. It has nothing else of ours: no other descriptor, no variable, no blocked signal,
/// and no reaction to one.
struct Launch {
  struct At {
    int ours = -1;
    int theirs = -1;
  };
  std::vector<std::string> words;      ///< the program and its arguments
  std::vector<std::string> variables;  ///< NAME=VALUE, all of them
  std::string folder{};                ///< where it begins; empty: where we are
  std::vector<At> descriptors{};       ///< which of ours it has, and as which; what of 0 to 2 is not named is /dev/null
  bool own_group = true;               ///< otherwise whoever ends our group ends it as well
  bool look_in_path = false;           ///< for a program that is named without a slash
};

/// Starts it. 0, or an errno.
int launch(Launch what, pid_t* pid);

}  // namespace holdfast::process
