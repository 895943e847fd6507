#pragma once

#include <optional>

#include "core/account/account.hpp"
#include "core/base/result.hpp"

/// Decisions about accounts that must be atomic: a store runs them inside its transaction on what is there.
namespace holdfast::account {

inline constexpr milliseconds kAccessFor{15 * 60'000};
inline constexpr std::chrono::days kRefreshFor{14};   ///< without any use
inline constexpr std::chrono::days kFamilyFor{90};    ///< from the log-in on, however much it is used
inline constexpr std::chrono::days kInvitationFor{7};
inline constexpr std::chrono::hours kSetupFor{24};
inline constexpr std::chrono::days kApiTokenFor{90};  ///< if nothing is said
inline constexpr std::chrono::days kApiTokenMax{366};
inline constexpr unsigned kApiTokensMax = 50;  ///< of one user

enum class RefreshVerdict : std::uint8_t {
  rotate,      ///< it is used up and the next one of its family is made
  refuse,      ///< expired, or the user may not any more
  end_family,  ///< it was used before, so somebody has a copy: nobody can tell who, all of the family end
};

/// Source: RFC 9700, section 4.14.2.
[[nodiscard]] RefreshVerdict judge_refresh(const RefreshToken& token, const User& user, WallTime now);

/// What is to be different; nothing: stays.
struct UserChange {
  std::optional<bool> superuser;
  std::optional<bool> active;
  std::optional<std::string> password_hash;
};

/// Errors: conflict HF-ACC-05 (nobody would be left who may manage).
[[nodiscard]] Result<User> change(const User& user, const UserChange& wanted, unsigned other_superusers);

/// What stands around a link when it is used.
struct LinkUse {
  std::string name;  ///< that the person chose; looked at by the set-up link only
  std::string password_hash;
  WallTime now{};
};

/// The user as the link makes it. `there`: the user of that name; `anybody`: are there users at all?
/// Errors: not_found HF-AUT-06 (expired, or what it is for is done), conflict HF-ACC-03 (the name is taken).
[[nodiscard]] Result<User> use_link(const Invitation& link, const LinkUse& use, const std::optional<User>& there,
                                    bool anybody);

}  // namespace holdfast::account
