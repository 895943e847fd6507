#pragma once

#include <string>
#include <vector>

#include "app/config/settings.hpp"
#include "core/account/account.hpp"
#include "core/base/result.hpp"

namespace holdfast {

/// What the commands `holdfast user ...` ask for.
struct UserOrder {
  enum class Act : std::uint8_t { add, list, passwd, deactivate };
  Act act = Act::list;
  std::string name;
  std::string password;
  bool superuser = false;
};

/// Does it on the data folder, whether or not a server serves it; a running one heeds it at the next request. Returns
/// the users concerned. Errors: those of guard::Accounts, not_found HF-CLI-06 (no data folder; `add` makes one).
Result<std::vector<User>> run_user(const Settings& settings, const UserOrder& order);

}  // namespace holdfast
