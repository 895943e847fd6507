#include "app/config/environment.hpp"

#include <pwd.h>
#include <unistd.h>

namespace holdfast {

Environment system_environment() {
  Environment found;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text{*entry};
    const auto equals = text.find('=');
    if (equals != std::string_view::npos) found.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  if (found["HOME"].empty()) {
    const passwd* const user = getpwuid(getuid());
    if (user != nullptr && user->pw_dir != nullptr) found["HOME"] = user->pw_dir;
  }
  return found;
}

std::string lookup(const Environment& environment, std::string_view name) {
  const auto found = environment.find(name);
  return found == environment.end() ? "" : found->second;
}

}  // namespace holdfast
