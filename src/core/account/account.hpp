#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/time.hpp"

/// Who may use the server, and what lets them in. Of secrets only hashes are kept: what is stolen from the store opens
/// nothing.
namespace holdfast {

struct User {
  std::string name;
  bool superuser = false;
  bool active = true;
  std::string password_hash;  ///< PHC string; empty: cannot log in with a password
  std::uint64_t version = 1;  ///< grows when password, rights or activity change: older access and refresh tokens end
  WallTime created_at{};
};

/// Lets a client have a new access token, once. Those that came of one log-in are a family.
struct RefreshToken {
  std::string hash;
  std::string family;
  std::string user;
  std::uint64_t user_version = 0;
  WallTime expires_at{};
  WallTime family_ends_at{};
  bool used = false;
};

/// For scripts: good until it expires or is revoked.
struct ApiToken {
  std::string id;
  std::string user;
  std::string label;  ///< what the user calls it
  std::string hash;
  WallTime created_at{};
  WallTime expires_at{};
  std::optional<WallTime> last_used_at;
};

/// What a link does: makes the first superuser, makes a user, or gives a user who is there a new password.
enum class LinkKind : std::uint8_t { setup, user, password };

/// A link that works once. `name` is empty for the set-up link: whoever opens it chooses one.
struct Invitation {
  std::string id;
  std::string hash;
  LinkKind kind = LinkKind::user;
  std::string name;
  bool superuser = false;
  std::string created_by;
  WallTime created_at{};
  WallTime expires_at{};
};

/// One act of management: who did what to what, and how it ended. Never any content.
struct ManagementEntry {
  std::uint64_t seq = 0;
  WallTime at{};
  std::string actor;
  std::string operation;  ///< of the API: "changeUser"
  std::map<std::string, std::string> subject;  ///< values of the route's path
  std::string outcome;  ///< empty: it began and was not seen to end; "done", or the code of an error
  std::string request_id;
};

}  // namespace holdfast
