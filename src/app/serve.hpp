#pragma once

#include <functional>
#include <string>

#include "app/config/settings.hpp"

namespace holdfast {

struct ServeOptions {
  bool single_user =
      false;  ///< no login, one built-in superuser; the address was checked to be a loopback one
  bool json = false;  ///< says where it listens as a JSON object
  /// Called once with the address, when the server can take an upload; may be empty.
  std::function<void(const std::string& url)> on_ready{};
};

/// Runs the server until it is told to stop (SIGTERM, SIGINT) and has drained. Prints `listening on URL`, or
/// {"event":"listening","url":URL}, to standard output as soon as it can take an upload. Returns the exit code of the
/// program.
int run_serve(const Settings& settings, const ServeOptions& options);

}  // namespace holdfast
