#pragma once

#include <string>

#include "app/drill/instance.hpp"

/// Users of a scratch instance that was started without `single_user`. Each function gives an access token.
namespace holdfast::drill {

/// With the link that a fresh instance prints; the instance's own requests are this user's from then on.
Result<std::string> make_first_superuser(Instance& instance);
Result<std::string> make_user(const Instance& instance, const std::string& name);
Result<std::string> log_in(const Instance& instance, const std::string& name);

}  // namespace holdfast::drill
